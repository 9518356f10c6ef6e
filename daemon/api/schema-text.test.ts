import assert from 'node:assert/strict'
import * as z from 'zod/mini'
import { schemaText } from './schema-text.ts'

describe('schemaText', () => {
  for (const [schema, expected] of [
    [z.string(), 'string'],
    [z.nullable(z.number()), 'number | null'],
    [z.enum(['a', 'b']), '"a" | "b"'],
    [z.literal(true), 'true'],
    [z.array(z.enum(['a', 'b'])), '("a" | "b")[]'],
    [z.record(z.string(), z.int()), '{ [name]: integer }'],
    [z.record(z.string(), z.unknown()), '{ [name]: any JSON }'],
    [z.nullable(z.array(z.string())), 'string[] | null'],
    [
      z.object({ a: z.optional(z.string()), b: z.array(z.object({ c: z.boolean() })) }),
      '{\n  a?: string\n  b: {\n    c: boolean\n  }[]\n}',
    ],
    [z.union([z.object({ a: z.string() }), z.string()]), '{\n  a: string\n} | string'],
  ] as const) {
    it(`writes ${expected.replace(/\s+/g, ' ')}`, () => {
      assert.equal(schemaText({ ...z.toJSONSchema(schema, { io: 'input' }) }), expected)
    })
  }
})
