/** A desktop VS Code wants a screen: the user's own, or a virtual one where Linux has none. */
import { existsSync } from 'node:fs'
import { type Machine, onPath } from './places.ts'
import { startProcess, waitFor } from './processes.ts'

export type Display = { readonly env: Record<string, string>; close(): Promise<void> }

/** `own` where windows can be opened as they are, `virtual` where Xvfb is installed, else `none`. */
export function displayOf(
  machine: Machine,
  exists: (path: string) => boolean = existsSync,
): 'own' | 'virtual' | 'none' {
  const { platform, env } = machine
  if (platform === 'win32' || platform === 'darwin' || env['DISPLAY'] || env['WAYLAND_DISPLAY']) return 'own'
  return onPath('Xvfb', machine).some(exists) ? 'virtual' : 'none'
}

/** Opens a virtual screen if there is no other; it lives until `close`. */
export async function openDisplay(machine: Machine): Promise<Display> {
  if (displayOf(machine) === 'own') return { env: {}, close: () => Promise.resolve() }
  const program = onPath('Xvfb', machine).find(existsSync)
  if (!program)
    throw new Error('there is no display: set DISPLAY, or install Xvfb (on Debian: apt-get install -y xvfb)')
  // -displayfd lets the server choose a free number and say it on that descriptor; here it is stdout.
  const args = ['-displayfd', '1', '-screen', '0', '1280x800x24', '-nolisten', 'tcp']
  const server = startProcess(program, args, { cwd: '/' })
  const number = await waitFor(
    () => /^(\d+)\s*$/m.exec(server.output())?.[1],
    20_000,
    () => `Xvfb said no display number:\n${server.output()}`,
  )
  return { env: { DISPLAY: `:${number}` }, close: () => server.stop() }
}
