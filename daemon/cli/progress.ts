/** A bar that says how far a long command is; on a terminal only, as it would litter a log. */

export type Progress = { show(share: number): void; end(): void }
export type Terminal = { isTTY?: boolean; write(text: string): unknown }

const width = 30

/** Draws nothing. */
export const silent: Terminal = { write: () => {} }

/** `shown`: where it is drawn; a command's results go elsewhere. */
export function openProgress(label: string, shown: Terminal = process.stderr): Progress {
  if (shown.isTTY !== true) return { show: () => {}, end: () => {} }
  let last = -1
  return {
    show(share) {
      const percent = Math.floor(Math.min(1, Math.max(0, share)) * 100)
      if (percent === last) return
      last = percent
      const full = Math.round((percent / 100) * width)
      shown.write(`\r${label} ${'█'.repeat(full)}${'░'.repeat(width - full)} ${String(percent).padStart(3)}%`)
    },
    // takes the line away: what was found stands in its place
    end: () => void shown.write('\r\x1b[2K'),
  }
}
