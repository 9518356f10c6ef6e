/** A row of a quick pick before VS Code's types come in, so that rows can be made and compared without them. */

export type PickRow<Action = never> =
  | { kind: 'separator'; label: string }
  | { kind: 'row'; label: string; description: string; detail: string; action?: Action }

/** Columns of one line. */
export function line(...parts: (string | null | undefined | false)[]): string {
  return parts.filter((part) => part !== null && part !== undefined && part !== false && part !== '').join(' · ')
}
