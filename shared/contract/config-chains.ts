/** What a user may write of chains, and what must hold between them, the routes and the default. */
import * as z from 'zod/mini'

export const chainName = z
  .string()
  .check(z.regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/, 'a chain is named by letters, digits, dot, dash or underscore'))

/** `provider/model`; the model's own name may hold slashes. */
const targetName = z
  .string()
  .check(z.maxLength(265), z.regex(/^[a-z0-9][a-z0-9_.-]{0,63}\/\S+$/, 'a target is written as provider/model'))

export const chainConfig = z.array(targetName).check(
  z.minLength(1),
  z.maxLength(20),
  (list) => {
    for (const [at, target] of list.value.entries()) {
      if (list.value.indexOf(target) < at) fault(list, [at], 'stands in its chain twice: take one of them out')
    }
  },
  z.describe('Targets, provider/model each: the next one is asked where one is exhausted.'),
)

type Written = {
  chains?: Record<string, readonly string[]> | undefined
  routes?: Record<string, string> | undefined
  defaultChain?: string | undefined
}

/** No route, and no default, to a chain that is not there. */
export function checkRouting(checked: z.core.ParsePayload<Written>): void {
  const { chains = {}, routes = {}, defaultChain } = checked.value
  const names = Object.keys(chains)
  const words = `leads to a chain that is not there; ${names.length > 0 ? `there are: ${names.join(', ')}` : 'write it under "chains"'}`
  for (const [asked, chain] of Object.entries(routes)) {
    if (!Object.hasOwn(chains, chain)) fault(checked, ['routes', asked], words)
  }
  if (defaultChain !== undefined && !Object.hasOwn(chains, defaultChain)) fault(checked, ['defaultChain'], words)
}

/** `message` completes the sentence "KEY …". */
function fault(checked: z.core.ParsePayload, path: (string | number)[], message: string): void {
  checked.issues.push({ code: 'custom', input: checked.value, path, message })
}
