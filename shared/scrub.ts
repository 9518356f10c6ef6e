/** Takes secrets out of text before it is kept or shown: known forms of keys, and values that were named as secret. */

const mark = '[secret]'

/**
 * A secret stands in plain text, in a header line, in JSON, or in JSON within a JSON string. So no form eats a quote or a
 * backslash: a JSON line stays one. `lead` and `value` are what may stand between a name and its value, and the value; a
 * value that is itself one of the names is left to the form that looks for it.
 */
const lead = String.raw`(?:\\*["']\s*:\s*\[?\s*\\*["']|\s*[:=]\s*(?:\\*["'])?)`
const value = String.raw`(?!\$\{|[-:[{]|(?:bearer|basic|token)\s|[\w-]*(?:authorization|api[-_]?key|tollkeeper-key))[^\s"'\\,;&}\]]+`
/** Where a word begins; an escaped line end before it is no letter of it. */
const start = String.raw`(?:(?<![A-Za-z0-9])|(?<=\\[nrtbf])|(?<=\\u[0-9a-fA-F]{4}))`

/** A form is looked for only where one of its hints stands in the text (in small letters). */
const forms: readonly { hints: readonly string[]; form: RegExp; to: string }[] = [
  // Whatever stands behind these names, known form or not.
  {
    hints: ['authorization'],
    form: new RegExp(`(authorization${lead}(?:(?:bearer|basic|token)\\s+)?)${value}`, 'gi'),
    to: `$1${mark}`,
  },
  {
    hints: ['key'],
    form: new RegExp(`((?:api[-_]?key|tollkeeper-key)${lead})${value}`, 'gi'),
    to: `$1${mark}`,
  },
  { hints: ['bearer'], form: /(bearer\s+)[A-Za-z0-9._~+/=-]{8,}/gi, to: `$1${mark}` },
  // URLs: keys in the query, and a password before the host.
  {
    hints: ['='],
    form: /([?&;](?:key|api[-_]?key|token|access[-_]token|secret|password|sig|signature|code)=)[^&\s"'#\\]+/gi,
    to: `$1${mark}`,
  },
  { hints: ['://'], form: /(:\/\/[^\s/:@"'\\]*:)[^\s/@"'\\]+@/gi, to: `$1${mark}@` },
  // Keys by their own form: OpenAI, Anthropic, OpenRouter and many others; ours; Google.
  { hints: ['sk-'], form: new RegExp(`${start}sk-[A-Za-z0-9_-]{8,}`, 'g'), to: mark },
  { hints: ['tk_'], form: new RegExp(`${start}tk_[A-Za-z0-9_-]{8,}`, 'g'), to: mark },
  { hints: ['aiza'], form: /AIza[A-Za-z0-9_-]{16,}/g, to: mark },
  // Groq, xAI, Hugging Face, GitHub, AWS, Google's access tokens.
  {
    hints: ['gsk_', 'xai-', 'hf_', 'ghp_', 'gho_', 'ghu_', 'ghs_', 'ghr_', 'github_pat_', 'akia', 'ya29.'],
    form: new RegExp(`${start}(?:gsk_|xai-|hf_|gh[pousr]_|github_pat_|AKIA|ya29\\.)[A-Za-z0-9_.-]{12,}`, 'g'),
    to: mark,
  },
  // Cerebras, Fireworks, Together, Perplexity, NVIDIA, and what webhooks are signed with.
  {
    hints: ['csk-', 'fw_', 'tgp_v1_', 'pplx-', 'nvapi-', 'whsec_'],
    form: new RegExp(
      `${start}(?:(?:csk|pplx|nvapi)-[A-Za-z0-9_-]{16,}|fw_[A-Za-z0-9]{20,}|(?:tgp_v1|whsec)_[A-Za-z0-9_+/=-]{16,})`,
      'g',
    ),
    to: mark,
  },
  // JSON Web Tokens: two parts that begin as base64url JSON, with or without a signature.
  { hints: ['eyj'], form: /eyJ[A-Za-z0-9_-]{5,2000}\.[A-Za-z0-9_-]{5,}(?:\.[A-Za-z0-9_-]*)?/g, to: mark },
]

/** One look for all hints: nearly every text has none. */
const anyHint = new RegExp(
  forms
    .flatMap(({ hints }) => hints)
    .map((hint) => hint.replaceAll('.', String.raw`\.`))
    .join('|'),
  'i',
)

/** Clears text of everything that has the form of a secret. The rest stays as it is, and so does text scrubbed before. */
export function scrub(text: string): string {
  if (!anyHint.test(text)) return text
  const small = text.toLowerCase()
  let clean = text
  for (const { hints, form, to } of forms) {
    if (hints.some((hint) => small.includes(hint))) clean = clean.replace(form, to)
  }
  return clean
}

/** Shorter values would take ordinary words out of the log. */
const shortest = 6

/** The text without one value; one that is too short to be a secret may stand in ordinary words. */
export function withoutValue(text: string, value: string): string {
  return value.length < shortest ? text : text.replaceAll(value, '…')
}

/** `scrub` that also knows values by themselves, whatever their form: keys to lend above all. `values` may grow later. */
export function scrubber(values: ReadonlySet<string>): (text: string) => string {
  let written: string[] = []
  let seen = -1
  return (text) => {
    if (seen !== values.size) {
      seen = values.size
      written = [...values].filter((value) => value.length >= shortest).flatMap(spellings)
      // A value that holds another one goes first.
      written.sort((a, b) => b.length - a.length)
    }
    return scrub(written.reduce((clean, value) => clean.replaceAll(value, mark), text))
  }
}

/** As it is, as JSON writes it, as a URL does. */
function spellings(value: string): string[] {
  return [...new Set([value, JSON.stringify(value).slice(1, -1), encodeURIComponent(value)])]
}
