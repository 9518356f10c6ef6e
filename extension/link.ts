/** How this window stands to the daemon, as a value that the status bar, the commands and the page read alike. */

export type Link =
  /** Looking for it, or waiting for one that was started. */
  | { kind: 'starting' }
  /** None runs; `why` says how that was found out. */
  | { kind: 'off'; why: string }
  /** It proved itself, but this extension and it read different words. */
  | { kind: 'mismatch'; older: 'daemon' | 'window'; version: string }
  /** Attached: the view is what it says now. */
  | { kind: 'live' }
