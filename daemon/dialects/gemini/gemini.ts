/** The dialect of Google's Gemini API (https://ai.google.dev/api). */
import type { Dialect, DialectEndpoint } from '../dialect.ts'
import { estimatedRequestTokens } from '../estimate.ts'
import { withModel } from './model-path.ts'
import { listModels, showModel } from './models.ts'
import { refuse } from './refuse.ts'
import { openReply } from './reply.ts'
import { readRequest } from './request.ts'

/** SDKs up to @google/genai 2 ask below `/v1beta`, newer ones below `/v1` (2026-11). */
const versions = ['/v1beta', '/v1']

export const gemini: Dialect = {
  name: 'gemini',
  home: 'gemini',
  endpoints: versions.flatMap(endpointsBelow),
  readRequest,
  withModel,
  withUsageAsked: () => undefined,
  estimateInput: estimatedRequestTokens,
  openReply,
  // https://ai.google.dev/gemini-api/docs/priority-inference
  tierHeader: 'x-gemini-service-tier',
  refuse,
  listModels,
  showModel,
}

function endpointsBelow(version: string): DialectEndpoint[] {
  const post = (path: string): DialectEndpoint => ({ method: 'POST', path: `${version}${path}`, counts: 'tokens' })
  return [
    post('/models/{model}:generateContent'),
    { ...post('/models/{model}:streamGenerateContent'), streams: true },
    { ...post('/models/{model}:countTokens'), counts: 'nothing' },
    { ...post('/models/{model}:embedContent'), wordless: true },
    { ...post('/models/{model}:batchEmbedContents'), wordless: true },
    post('/tunedModels/{model}:generateContent'),
    { ...post('/tunedModels/{model}:streamGenerateContent'), streams: true },
    { method: 'GET', path: `${version}/models`, counts: 'nothing', models: 'list' },
    { method: 'GET', path: `${version}/models/{name}`, counts: 'nothing', models: 'one' },
  ]
}
