/** Writes a list of a config in another order: each item that stays keeps its text and the comments about it. */
import { getNodeValue, type Node } from 'jsonc-parser'
import { behindComment, commaAfter, eolOf, indentOf, lineIndentAt, written } from './config-layout.ts'

/** Comments stand above an item, or behind it on its line. */
type Item = { above: string[]; text: string; behind: string[] }
type List = { opening: string[]; items: Map<string, Item>; closing: string[] }

/** By what an item is known again: a text by itself, an object by its `id`; undefined: by nothing. */
export function nameOf(item: unknown): string | undefined {
  if (typeof item === 'string') return item
  const isNamed = typeof item === 'object' && item !== null && 'id' in item && typeof item.id === 'string'
  return isNamed ? (item.id as string) : undefined
}

/** What stands in the text in place of `list` then. All items have names of their own; those that stay are as they are wanted. */
export function listInOrder(text: string, list: Node, wanted: readonly unknown[]): string {
  const isOneLine = !text.slice(list.offset, list.offset + list.length).includes('\n')
  const own = lineIndentAt(text, list.offset)
  const [indent, eol] = [indentOf(text), eolOf(text)]
  const inner = own + indent
  const { opening, items, closing } = withoutGone(readList(text, list), new Set(wanted.map(nameOf)))
  const lines = wanted.flatMap((value, at) => {
    const fresh = isOneLine ? JSON.stringify(value) : written(value, indent, inner, eol)
    const item = items.get(nameOf(value) ?? '') ?? { above: [], text: fresh, behind: [] }
    return linesOf(item, at < wanted.length - 1 ? ',' : '')
  })
  if (isOneLine) return `[${[...lines, ...closing].join(' ')}]`
  const below = [...lines, ...closing].map((line) => `${eol}${inner}${line}`).join('')
  return `${['[', ...opening].join(' ')}${below}${eol}${own}]`
}

function linesOf({ above, text, behind }: Item, comma: string): string[] {
  // nothing can follow a comment that lasts to the end of its line
  const isInWay = behind.slice(0, -1).some((comment) => comment.startsWith('//'))
  if (isInWay) return [...above, ...behind, text + comma]
  return [...above, [text + comma, ...behind].join(' ')]
}

/** What stands above an item that goes may be about those after it, too. */
function withoutGone({ opening, items, closing }: List, wanted: ReadonlySet<string | undefined>): List {
  const left = new Map<string, Item>()
  let above: string[] = []
  for (const [name, item] of items) {
    above = [...above, ...item.above]
    if (!wanted.has(name)) continue
    left.set(name, { ...item, above })
    above = []
  }
  return { opening, items: left, closing: [...above, ...closing] }
}

function readList(text: string, list: Node): List {
  const close = list.offset + list.length - 1
  const items = new Map<string, Item>()
  const first = behindComment(text, list.offset + 1)
  let from = first
  for (const node of list.children ?? []) {
    const end = node.offset + node.length
    const comma = commaAfter(text, end)
    const next = behindComment(text, comma === undefined ? end : comma + 1)
    const isLastOnLine = node === list.children?.at(-1) && !text.slice(next, close).includes('\n')
    const to = isLastOnLine ? close : next
    items.set(nameOf(getNodeValue(node)) ?? '', {
      above: commentsIn(text.slice(from, node.offset)),
      text: text.slice(node.offset, end),
      behind: commentsIn(text.slice(end, to)),
    })
    from = to
  }
  return {
    opening: commentsIn(text.slice(list.offset + 1, first)),
    items,
    closing: commentsIn(text.slice(from, close)),
  }
}

/** `between` holds nothing else but space and commas. */
function commentsIn(between: string): string[] {
  return (between.match(/\/\/[^\r\n]*|\/\*[\s\S]*?\*\//g) ?? []).map((comment) => comment.trimEnd())
}
