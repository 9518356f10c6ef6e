/** Puts environment variables into a config value: `${VAR}`, and `${VAR:-default}` where it is unset or empty. */
import type { JSONPath } from 'jsonc-parser'
import type { ConfigProblem } from './config-words.ts'

type Env = Readonly<Record<string, string | undefined>>
type Place = (path: JSONPath) => string
/** `faults` make the whole file unusable; `problems` only what they name. */
export type Filled = { problems: ConfigProblem[]; faults: ConfigProblem[] }

/** Changes the strings of `value` in place. */
export function fillVariables(value: Record<string, unknown>, env: Env, place: Place): Filled {
  const filled: Filled = { problems: [], faults: [] }
  walk(value, [], (holder, key, path) => {
    const text = holder[key] as string
    const { result, missing, literal } = fill(text, env)
    const provider = path.length === 3 && path[0] === 'providers' ? String(path[1]) : undefined
    if (provider !== undefined && key === 'apiKey') {
      if (literal) filled.problems.push(literalKey(provider, place(path)))
      if (missing !== undefined) {
        filled.problems.push(disabled(provider, `${place(path)}: provider "${provider}" lends no key: ${missing}`))
        // Whoever brings a credential of their own is still served.
        delete holder[key]
        return
      }
    } else if (missing !== undefined && provider !== undefined) {
      // The text stays, and keeps the provider from being used: its calls must not go to the usual address instead.
      filled.problems.push(disabled(provider, `${place(path)}: provider "${provider}" is left out: ${missing}`))
      return
    } else if (missing !== undefined && path[0] === 'webhooks' && path.length === 3) {
      // The text stays, and keeps the webhook from being called; what it has not heard yet waits for it.
      const text = `${place(path)}: webhook ${Number(path[1]) + 1} is told of nothing: ${missing}`
      filled.problems.push({ code: 'webhook-off', subject: path.slice(0, 2).join('.'), text })
      return
    } else if (missing !== undefined) {
      filled.faults.push({ code: 'config-invalid', subject: path.join('.'), text: `${place(path)}: ${missing}` })
    }
    holder[key] = result
  })
  return filled
}

function disabled(provider: string, text: string): ConfigProblem {
  return { code: 'provider-disabled', subject: provider, text }
}

function literalKey(provider: string, place: string): ConfigProblem {
  const variable = `${provider.toUpperCase().replace(/[^A-Z0-9]/g, '_')}_API_KEY`
  const text =
    `${place}: the key of provider "${provider}" stands in the file as it is; ` +
    `better keep it in the environment and write "\${${variable}}" here.`
  return { code: 'literal-key', subject: provider, text }
}

type Holder = Record<string | number, unknown>

function walk(
  value: unknown,
  path: JSONPath,
  visit: (holder: Holder, key: string | number, path: JSONPath) => void,
): void {
  if (typeof value !== 'object' || value === null) return
  const keys = Array.isArray(value) ? value.keys() : Object.keys(value)
  for (const key of keys) {
    const holder = value as Holder
    if (typeof holder[key] === 'string') visit(holder, key, [...path, key])
    else walk(holder[key], [...path, key], visit)
  }
}

/** `literal`: some of the text that is not a variable's name is used as it stands. */
function fill(text: string, env: Env): { result: string; missing: string | undefined; literal: boolean } {
  let missing: string | undefined
  let literal = false
  const result = text.replace(/\$\{([^}]*)(\}?)/g, (all: string, inside: string, closed: string) => {
    const [, name, fallback] = /^([A-Za-z_][A-Za-z0-9_]*)(?::-(.*))?$/.exec(inside) ?? []
    if (name === undefined || closed === '') {
      // What stands there is not repeated: a key may have been pasted into the braces.
      missing ??= 'a "${" in it begins no variable; write "${NAME}" or "${NAME:-default}".'
      return all
    }
    const value = env[name]
    if (value !== undefined && value !== '') return value
    if (fallback === undefined) {
      missing ??= `the environment variable ${name} is not set; set it and start again, or write "\${${name}:-default}".`
      return all
    }
    if (fallback !== '') literal = true
    return fallback
  })
  return { result, missing, literal: literal || /[^\s]/.test(text.replace(/\$\{[^}]*\}?/g, '')) }
}
