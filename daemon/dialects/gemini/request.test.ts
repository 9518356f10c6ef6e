/** What a Gemini request tells, and how another model is put into it. */
import assert from 'node:assert/strict'
import { gemini } from './gemini.ts'
import { withModel } from './model-path.ts'
import { readRequest } from './request.ts'

const bytesOf = (value: unknown) => new TextEncoder().encode(typeof value === 'string' ? value : JSON.stringify(value))
const endpointOf = (action: string) => {
  const endpoint = gemini.endpoints.find(({ path }) => path.endsWith(`:${action}`))
  assert.ok(endpoint)
  return endpoint
}
const read = (value: unknown, action = 'generateContent') =>
  readRequest(bytesOf(value), { endpoint: endpointOf(action), named: 'gemini-2.5-flash' })
const holding = (part: unknown) => read({ contents: [{ role: 'user', parts: [{ text: 'see' }, part] }] })

describe('gemini readRequest', () => {
  it('takes model and streaming from the path, and the rest in either spelling', () => {
    const contents = [{ parts: [{ text: 'an "inlineData" in words' }] }]
    assert.deepEqual(read({ contents, generationConfig: { maxOutputTokens: 9 } }, 'streamGenerateContent'), {
      model: 'gemini-2.5-flash',
      stream: true,
      asksUsage: true,
      hasImages: false,
      serverState: false,
      goesOnFrom: null,
      session: null,
      wireAccount: null,
      maxOutput: 9,
    })
    assert.equal(read({ generation_config: { max_output_tokens: 7 } })?.maxOutput, 7)
    assert.equal(read({ generationConfig: { maxOutputTokens: 7, candidateCount: 2 } })?.maxOutput, 14)
    assert.equal(read({ contents })?.stream, false)
    assert.equal(read({ contents: 'hi', generationConfig: [] })?.maxOutput, null)
  })

  it('sees pictures wherever they stand', () => {
    assert.equal(holding({ inlineData: { mimeType: 'image/png', data: 'AA' } })?.hasImages, true)
    assert.equal(holding({ inline_data: { mime_type: 'image/png', data: 'AA' } })?.hasImages, true)
    assert.equal(holding({ fileData: { mimeType: 'image/webp', fileUri: 'gs://b/o' } })?.hasImages, true)
    assert.equal(holding({ inlineData: { mimeType: 'audio/wav', data: 'AA' } })?.hasImages, false)
    const inner = [{ inlineData: { mimeType: 'image/png', data: 'AA' } }]
    assert.equal(holding({ functionResponse: { name: 'shot', parts: inner } })?.hasImages, true)
    assert.equal(read({ contents: { parts: inner } })?.hasImages, true)
    assert.equal(read({ content: { parts: inner } }, 'embedContent')?.hasImages, true)
    assert.equal(read({ requests: [{ content: { parts: inner } }] }, 'batchEmbedContents')?.hasImages, true)
  })

  it('sees what is kept for one project', () => {
    const file = (fileUri: string) => holding({ fileData: { mimeType: 'text/plain', fileUri } })?.serverState
    assert.equal(file('https://generativelanguage.googleapis.com/v1beta/files/abc-123'), true)
    assert.equal(file('files/abc-123'), true)
    assert.equal(file('https://www.youtube.com/watch?v=files'), false)
    assert.equal(holding({ file_data: { file_uri: 'files/a' } })?.serverState, true)
    assert.equal(read({ contents: [], cachedContent: 'cachedContents/a' })?.serverState, true)
    assert.equal(read({ contents: [], cached_content: 'cachedContents/a' })?.serverState, true)
    assert.equal(read({ contents: [], cachedContent: '' })?.serverState, false)
    assert.equal(read({ tools: [{ fileSearch: { fileSearchStoreNames: ['fileSearchStores/a'] } }] })?.serverState, true)
    assert.equal(read({ tools: [{ googleSearch: {} }] })?.serverState, false)
  })

  it('reads no facts from what is no JSON object', () => {
    for (const bad of ['', 'x', '[]', '{"contents":']) assert.equal(read(bad), undefined)
  })
})

describe('gemini withModel', () => {
  const moved = (rest: string, body: string, model = 'gemini-2.5-flash') => {
    const sent = withModel({ rest, body: bytesOf(body) }, model)
    return [sent.rest, new TextDecoder().decode(sent.body)]
  }

  it('puts the name into the path and leaves a body that names none', () => {
    for (const asked of ['gemini%2Fgemini-2.5-flash', 'gemini/gemini-2.5-flash', 'a/models/b', 'llama3:8b']) {
      assert.deepEqual(moved(`v1beta/models/${asked}:generateContent`, '{"contents":[ 1.0 ]}'), [
        'v1beta/models/gemini-2.5-flash:generateContent',
        '{"contents":[ 1.0 ]}',
      ])
    }
    assert.equal(moved('models/x:countTokens', '{}')[0], 'models/gemini-2.5-flash:countTokens')
    assert.equal(moved('models/x%3AcountTokens', '{}')[0], 'models/gemini-2.5-flash%3AcountTokens')
    assert.equal(moved('v1/tunedModels/x:generateContent', '{}')[0], 'v1/tunedModels/gemini-2.5-flash:generateContent')
    assert.equal(
      moved('v1/models/x:generateContent', '{}', 'a/b?c#$&')[0],
      'v1/models/a/b%3Fc%23%24%26:generateContent',
    )
    const body = bytesOf('{"contents":[]}')
    assert.equal(withModel({ rest: 'v1/models/x:generateContent', body }, 'm').body, body)
  })

  it('puts it into bodies that name the model once more, and changes no other byte', () => {
    const renamed = (body: string) => moved('v1/models/x:y', body, 'm')[1]
    assert.equal(renamed('{ "model": "models/p/m", "n": 1.0}'), '{ "model": "models/m", "n": 1.0}')
    assert.equal(
      renamed('{"requests":[ {"model":"models/p/m","n":1e2}, 7,{"n":"]"} ,{"n":[{}],"model":"x"} ],"model" :"y"}'),
      '{"requests":[ {"model":"models/m","n":1e2}, 7,{"n":"]"} ,{"n":[{}],"model":"models/m"} ],"model" :"models/m"}',
    )
    assert.equal(renamed('{"generateContentRequest":{"model":"x"}}'), '{"generateContentRequest":{"model":"models/m"}}')
    for (const odd of ['{"requests":{"model":"x"}}', '{"requests":[]}', '{"requests":"model"}', '[]', 'x'])
      assert.equal(renamed(odd), odd)
  })
})

describe('gemini models', () => {
  it('are listed in Google’s shape', () => {
    const offered = [
      { name: 'gemini/gemini-2.5-flash', provider: 'Gemini' },
      { name: 'gemini/gemini-embedding-001', provider: 'Gemini' },
    ]
    const { models } = JSON.parse(gemini.listModels(offered, 0)) as { models: unknown[] }
    assert.deepEqual(models[0], {
      name: 'models/gemini/gemini-2.5-flash',
      displayName: 'gemini/gemini-2.5-flash (Gemini)',
      supportedGenerationMethods: ['generateContent', 'countTokens'],
    })
    assert.match(gemini.showModel({ name: 'gemini/gemini-embedding-001', provider: 'Gemini' }, 0), /"embedContent"/)
  })
})
