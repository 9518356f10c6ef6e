/** Changes the text of a config file so that it holds another value, and leaves every comment that is not about what goes. */
import { findNodeAtLocation, getNodeValue, type JSONPath, type Node, parseTree } from 'jsonc-parser'
import { behindComment, commaAfter, eolOf, indentOf, lineIndentAt, written } from './config-layout.ts'
import { listInOrder, nameOf } from './config-list.ts'
import { nodeAt, placeOf } from './config-words.ts'

type Value = Record<string, unknown>
type Edit = { offset: number; length: number; content: string }

/** What the text holds; undefined where it is no object. Only space and comments are an empty one. */
export function valueOf(text: string): Value | undefined {
  const root = parseTree(text, [], { allowTrailingComma: true })
  if (root === undefined) return {}
  const value: unknown = getNodeValue(root)
  return root.type === 'object' ? (value as Value) : undefined
}

/** Where a property, or the nearest thing around it that is there, stands: `config.jsonc, line 3, column 5`. */
export function placeIn(text: string, path: JSONPath): string {
  const root = parseTree(text, [], { allowTrailingComma: true })
  return placeOf(text, (root && nodeAt(root, path)?.offset) ?? 0)
}

/** `text` must hold one object, or only space and comments. undefined: it cannot be changed without doubt (a key stands twice). */
export function withValue(text: string, wanted: Value): string | undefined {
  let now = parseTree(text, [], { allowTrailingComma: true })
    ? text
    : `${text.trim() === '' ? '' : `${text.trimEnd()}\n`}{\n}\n`
  for (const difference of differences(valueOf(now), wanted, [])) now = withDifference(now, difference)
  return isSame(valueOf(now), wanted) ? now : undefined
}

/** A part to set or (value undefined) to take out; or a list that gets the items that it lacks, and all of them this order. */
type Difference = { path: JSONPath; value: unknown } | { path: JSONPath; inOrder: readonly unknown[] }

function withDifference(text: string, difference: Difference): string {
  const { path } = difference
  if ('inOrder' in difference) return withOrder(text, path, difference.inOrder)
  return difference.value === undefined ? withoutPart(text, path) : withPart(text, path, difference.value)
}

/** The fewest there are, one after the other. */
function differences(now: unknown, wanted: unknown, path: JSONPath): Difference[] {
  if (isSame(now, wanted)) return []
  const [before, after] = [namedItems(now), namedItems(wanted)]
  if (before && after) return itemDifferences(before, after, path)
  if (!isObject(now) || !isObject(wanted)) return [{ path, value: wanted }]
  const gone = Object.keys(now).filter((key) => !Object.hasOwn(wanted, key))
  return [
    ...gone.map((key) => ({ path: [...path, key], value: undefined })),
    ...Object.keys(wanted).flatMap((key) =>
      differences(Object.hasOwn(now, key) ? now[key] : undefined, wanted[key], [...path, key]),
    ),
  ]
}

/** A list whose items each have a name of their own, by that; undefined: it is none. */
function namedItems(list: unknown): Map<string, unknown> | undefined {
  if (!Array.isArray(list)) return undefined
  const items = new Map<string, unknown>()
  for (const item of list as unknown[]) {
    const name = nameOf(item)
    if (name === undefined) return undefined
    items.set(name, item)
  }
  return items.size === list.length ? items : undefined
}

/**
 * Items that stay are changed where they stand. Where their order stays too and what is new comes behind them, what goes is taken out
 * from the end; else the list is put in order.
 */
function itemDifferences(
  now: ReadonlyMap<string, unknown>,
  wanted: ReadonlyMap<string, unknown>,
  path: JSONPath,
): Difference[] {
  const before = [...now.keys()]
  const stay = before.filter((name) => wanted.has(name))
  const added = [...wanted.keys()].filter((name) => !now.has(name))
  const changes = stay.flatMap((name) => differences(now.get(name), wanted.get(name), [...path, before.indexOf(name)]))
  if (!isSame([...stay, ...added], [...wanted.keys()])) return [...changes, { path, inOrder: [...wanted.values()] }]
  return [
    ...changes,
    ...before.flatMap((name, at) => (wanted.has(name) ? [] : [{ path: [...path, at], value: undefined }])).reverse(),
    ...added.map((name, at) => ({ path: [...path, stay.length + at], value: wanted.get(name) })),
  ]
}

function withOrder(text: string, path: JSONPath, wanted: readonly unknown[]): string {
  const list = findNodeAtLocation(parseTree(text, [], { allowTrailingComma: true }) as Node, path) as Node
  return applied(text, [{ offset: list.offset, length: list.length, content: listInOrder(text, list, wanted) }])
}

/** A property of an object, or an item of a list. */
function withPart(text: string, path: JSONPath, value: unknown): string {
  const root = parseTree(text, [], { allowTrailingComma: true }) as Node
  const existing = findNodeAtLocation(root, path)
  const indent = indentOf(text)
  if (existing) {
    const content = written(value, indent, lineIndentAt(text, existing.offset), eolOf(text))
    return applied(text, [{ offset: existing.offset, length: existing.length, content }])
  }
  const parent = findNodeAtLocation(root, path.slice(0, -1)) as Node
  return applied(text, insertion(text, parent, path.at(-1) ?? '', value, indent))
}

/** At the end of its object or list; a comment behind the part that was last stays with that one. */
function insertion(text: string, parent: Node, key: string | number, value: unknown, indent: string): Edit[] {
  const close = parent.offset + parent.length - 1
  const last = parent.children?.at(-1)
  const own = lineIndentAt(text, parent.offset)
  const isOneLine = !text.slice(parent.offset, close).includes('\n')
  const inner = own + indent
  const eol = eolOf(text)
  const content = isOneLine && last ? JSON.stringify(value) : written(value, indent, inner, eol)
  const part = parent.type === 'array' ? content : `${JSON.stringify(key)}: ${content}`
  if (!last) {
    const lead = isOneLine ? eol + inner : startOfLast(text, close, own, indent)
    return [{ offset: close, length: 0, content: `${lead}${part}${eol}${own}` }]
  }
  const lastEnd = last.offset + last.length
  const comma = commaAfter(text, lastEnd)
  const edits: Edit[] = comma === undefined ? [{ offset: lastEnd, length: 0, content: ',' }] : []
  if (isOneLine)
    return [...edits, { offset: comma === undefined ? lastEnd : comma + 1, length: 0, content: ` ${part}` }]
  const at = behindComment(text, comma === undefined ? lastEnd : comma + 1)
  const tail = text.slice(at, close).includes('\n') ? '' : eol + own
  return [...edits, { offset: at, length: 0, content: `${eol}${inner}${part}${tail}` }]
}

/** Before the closing brace of an object that holds only comments: from its own indent to that of a property. */
function startOfLast(text: string, close: number, own: string, indent: string): string {
  const lineStart = text.lastIndexOf('\n', close - 1) + 1
  const isAlone = text.slice(lineStart, close).trim() === ''
  return isAlone ? `${(own + indent).slice(close - lineStart)}` : `\n${own}${indent}`
}

function withoutPart(text: string, path: JSONPath): string {
  const root = parseTree(text, [], { allowTrailingComma: true }) as Node
  const found = findNodeAtLocation(root, path)
  const part = found?.parent?.type === 'property' ? found.parent : found
  const parent = part?.parent
  if (!part || !parent?.children) return text
  const end = part.offset + part.length
  const after = commaAfter(text, end)
  const before = parent.children[parent.children.indexOf(part) - 1]
  const edits: Edit[] = []
  if (after === undefined && before) {
    const comma = commaAfter(text, before.offset + before.length)
    if (comma !== undefined) edits.push({ offset: comma, length: 1, content: '' })
  }
  const from = part.offset
  const to = after === undefined ? end : after + 1
  const lineStart = text.lastIndexOf('\n', from - 1) + 1
  const lineEnd = behindComment(text, to)
  const isWholeLines = text.slice(lineStart, from).trim() === '' && /^[\r\n]/.test(text.slice(lineEnd))
  if (!isWholeLines) return applied(text, [...edits, { offset: from, length: to - from, content: '' }])
  const next = text.indexOf('\n', lineEnd) + 1
  return applied(text, [...edits, { offset: lineStart, length: next - lineStart, content: '' }])
}

function applied(text: string, edits: readonly Edit[]): string {
  // from the end, so that no edit moves the place of another
  return [...edits]
    .reverse()
    .sort((a, b) => b.offset - a.offset)
    .reduce((now, edit) => now.slice(0, edit.offset) + edit.content + now.slice(edit.offset + edit.length), text)
}

function isObject(value: unknown): value is Value {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function isSame(a: unknown, b: unknown): boolean {
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((one, at) => isSame(one, b[at]))
  if (!isObject(a) || !isObject(b)) return a === b
  const keys = Object.keys(a)
  return keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && isSame(a[key], b[key]))
}
