/** Providers are called the same in the ledger's views, which may not import them, as in their own files. */
import assert from 'node:assert/strict'
import { accountLabel } from '../ledger/views/account-label.ts'
import { knownKinds, knownProviders } from '../providers/index.ts'

describe('the label of a provider', () => {
  for (const { id, label } of [...knownProviders, ...knownKinds]) {
    it(`is ${label} in views too`, () => {
      assert.equal(accountLabel({ provider: id, account: id, billing: 'metered' }), label)
    })
  }
})
