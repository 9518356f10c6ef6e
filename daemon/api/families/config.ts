/** `/api/v1/config`: the user's config as its file says it, shown without secrets and changed with its comments left. */
import { putBack, shownOf } from '../../store/config-shown.ts'
import { isSame } from '../../store/config-text.ts'
import type { EditNo } from '../../store/live-config.ts'
import { etagOf } from '../answer.ts'
import type { Context, FamilyDeps, Handlers } from '../handlers.ts'
import { type Problem, problem } from '../problem.ts'

export type Value = Record<string, unknown>

export function configHandlers({
  config: { live },
}: Pick<FamilyDeps, 'config'>): Pick<Handlers, 'config' | 'putConfig'> {
  const shown = () => ({
    value: {
      path: live.path,
      version: live.version(),
      config: valueIn(shownOf(live.written())),
      problems: live.problems(),
    },
    headers: { etag: `"${live.version()}"` },
  })
  return {
    config: shown,
    async putConfig({ body }, context) {
      const no = await live.edit(ifMatch(context), (written) => changedConfig(written, body.config))
      return no ? problemOf(no) : shown()
    },
  }
}

function changedConfig(written: Value, wanted: Value): { value: Value } | EditNo {
  const back = putBack(wanted, written)
  if ('bad' in back) return bad(`The value at "${back.path}" ${back.bad}.`)
  const value = valueIn(back.value)
  if (!isSame(value.network, written.network)) {
    return bad('"network" decides whom your keys are shown to: it is changed in the file only.')
  }
  const before = providersIn(written)
  const moved = Object.entries(providersIn(value)).find(([id, entry]) => hasMoved(valueIn(before[id]), valueIn(entry)))
  return moved ? { code: 'conflict', detail: keyStays(moved[0]) } : { value }
}

/** Whether a key that stands in the file would go elsewhere than the user wrote it for. */
export function hasMoved(before: Value, after: Value): boolean {
  const isKept = before.apiKey !== undefined && after.apiKey !== undefined
  return isKept && (before.baseUrl !== after.baseUrl || before.extends !== after.extends)
}

export function keyStays(id: string): string {
  return `The apiKey of provider "${id}" stands in config.jsonc and was written for another address: change the address there, or take the key out first.`
}

/** The mark of what stands in the config and changes besides, as calls are counted: a change by it meets the config's version alone. */
export function stateTag(version: string, value: unknown): string {
  return `"${version}.${etagOf(value).slice(1)}`
}

/** RFC 9110 section 13.1.1. */
export function ifMatch({ req }: Context): string | undefined {
  const given = req.headers['if-match']?.trim()
  return given === undefined || given === '*' ? undefined : given.replace(/^(?:W\/)?"([^".]*).*$/, '$1')
}

export function providersIn(written: Value): Value {
  return valueIn(written.providers)
}

export function valueIn(value: unknown): Value {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {}
}

export function bad(detail: string): EditNo {
  return { code: 'bad_request', detail }
}

export function problemOf({ code, detail }: EditNo): Problem {
  return problem(code, detail)
}
