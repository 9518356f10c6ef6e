/** Every name that the manifest in package.json knows as well; a test compares both ways. */

export const commandId = {
  glance: 'tollkeeper.glance',
  openDashboard: 'tollkeeper.openDashboard',
  queryStats: 'tollkeeper.queryStats',
  queryRateLimits: 'tollkeeper.queryRateLimits',
  startDaemon: 'tollkeeper.startDaemon',
  stopDaemon: 'tollkeeper.stopDaemon',
  restartDaemon: 'tollkeeper.restartDaemon',
  copyDiagnostics: 'tollkeeper.copyDiagnostics',
  showLog: 'tollkeeper.showLog',
  showDaemonLog: 'tollkeeper.showDaemonLog',
} as const
export type CommandId = (typeof commandId)[keyof typeof commandId]

export const settingId = {
  clickAction: 'tollkeeper.statusBar.clickAction',
  color: 'tollkeeper.statusBar.color',
  warn: 'tollkeeper.thresholds.warn',
  autoStart: 'tollkeeper.daemon.autoStart',
  path: 'tollkeeper.daemon.path',
  port: 'tollkeeper.daemon.port',
} as const

/** True while this window is attached to a daemon. */
export const runningContext = 'tollkeeper.running'
export const statusItemId = 'tollkeeper.quota'
export const dashboardType = 'tollkeeper.dashboard'

/** Our icon font: how many eighths of the ring are filled, or that nothing is measured. */
export function meterIcon(eighths: number | 'off'): string {
  return `$(meter-${eighths})`
}
export const meterEighths = 8
