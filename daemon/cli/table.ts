/** Tables of text for a terminal. */

export type Column = { title: string; align: 'left' | 'right' }

/** Lines of equal columns, two spaces between; no trailing blanks. */
export function tableOf(columns: readonly Column[], rows: readonly (readonly string[])[]): string[] {
  const all = [columns.map((column) => column.title), ...rows.map((row) => row.map(printable))]
  const widths = columns.map((_, at) => Math.max(...all.map((row) => [...(row[at] ?? '')].length)))
  return all.map((row) =>
    columns
      .map(({ align }, at) => {
        const text = row[at] ?? ''
        const blanks = ' '.repeat((widths[at] ?? 0) - [...text].length)
        return align === 'left' ? text + blanks : blanks + text
      })
      .join('  ')
      .trimEnd(),
  )
}

/** Names come from outside: control and direction characters could rewrite what the terminal shows. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu, '�')
}
