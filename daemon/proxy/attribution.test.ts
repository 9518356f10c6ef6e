import assert from 'node:assert/strict'
import type { IncomingMessage } from 'node:http'
import { readRequest } from '../dialects/openai-chat/request.ts'
import { attributionOf, clientOf, featureAfter, userOf } from './attribution.ts'

type Headers = Record<string, string | string[] | undefined>
const request = (headers: Headers) => ({ headers }) as unknown as IncomingMessage
const chat = '/v1/chat/completions'
const told = (headers: Headers, path = chat, body = '{"model":"m"}', keyName: string | null = null) =>
  attributionOf(request(headers), path, readRequest(Buffer.from(body)), keyName)

describe('proxy/attribution', () => {
  /** As recorded from real clients in November 2026, and the Python libraries beside them. */
  const agents: readonly (readonly [agent: string | undefined, client: string])[] = [
    ['claude-cli/2.1.330 (external, sdk-cli)', 'claude-code'],
    ['claude-code/2.1.330', 'claude-code'],
    ['codex_exec/0.169.0 (Debian 12.0.0; x86_64) dumb', 'codex'],
    ['codex_cli_rs/0.60.0 (Mac OS 15.1; arm64)', 'codex'],
    ['opencode/1.18.33 ai-sdk/provider-utils/4.0.23 runtime/bun/1.3.14', 'opencode'],
    ['GeminiCLI-tui/0.61.0/gemini-3.1-pro-preview (linux; x64; terminal)', 'gemini-cli'],
    ['QwenCode/0.24.4 (linux; x64)', 'qwen-code'],
    ['ls/JS 5.23.2', 'continue'],
    ['GitHubCopilotChat/0.49.0', 'vscode-chat'],
    ['OpenAI/JS 7.57.0', 'openai-sdk'],
    ['OpenAI/Python 2.1.0', 'openai-sdk'],
    ['AsyncOpenAI/Python 2.1.0', 'openai-sdk'],
    ['Anthropic/JS 1.12.0', 'anthropic-sdk'],
    ['Anthropic/Python 0.70.0', 'anthropic-sdk'],
    ['AsyncAnthropic/Python 0.70.0', 'anthropic-sdk'],
    ['google-genai-sdk/3.1.0 gl-node/v24.1.0', 'genai-sdk'],
    ['google-genai-sdk/1.40.0 gl-python/3.12.3', 'genai-sdk'],
    ['ai/7.0.173 ai-sdk-provider-utils/5.0.81 node.js/24', 'ai-sdk'],
    ['ai-sdk-openai/4.0.118 ai-sdk-provider-utils/5.0.81 node.js/24', 'ai-sdk'],
    ['ai/5.0.1 ai-sdk/provider-utils/3.0.2 runtime/node.js/20', 'ai-sdk'],
    // Cline
    ['ai-sdk/openai-compatible/3.0.37 ai-sdk/provider-utils/4.0.23 runtime/bun/1.3.13', 'ai-sdk'],
    // Continue with Anthropic's models
    ['node-fetch', 'node-fetch'],
    ['litellm/1.80.0', 'litellm'],
    ['Zed/0.210.4 (linux; x86_64)', 'zed'],
    ['curl/8.0', 'curl'],
    ['python-requests/2.31', 'python-requests'],
    [undefined, 'unknown'],
    ['', 'unknown'],
    ['\u202e', '\ufffd'],
  ]
  for (const [agent, client] of agents)
    it(`${agent || 'no user-agent'} is ${client}`, () =>
      assert.equal(clientOf(request({ 'user-agent': agent })), client))

  const marks: readonly (readonly [headers: Headers, client: string])[] = [
    [{ 'x-app': 'cli', 'user-agent': 'Bun/1.4.0' }, 'claude-code'],
    [{ 'x-claude-code-session-id': 's', 'user-agent': 'Anthropic/JS 1.12.0' }, 'claude-code'],
    [{ originator: 'codex_exec' }, 'codex'],
    [{ originator: 'codex_vscode', 'user-agent': 'reqwest/0.12' }, 'codex'],
    [{ 'x-session-affinity': 'ses_1', 'user-agent': 'ai/7.0.173' }, 'opencode'],
    [{ originator: 'somebody', 'x-app': 'web', 'x-session-affinity': '1', 'user-agent': 'curl/8' }, 'curl'],
  ]
  for (const [headers, client] of marks)
    it(`${JSON.stringify(headers)} is ${client}`, () => assert.equal(clientOf(request(headers)), client))

  it('finds the session where each client tells it, and takes no id of a request for one', () => {
    const session = (headers: Headers, body?: string) => told(headers, chat, body).session
    assert.equal(session({ 'x-claude-code-session-id': 'a', 'x-session-id': 'b' }), 'a')
    assert.equal(session({ 'session-id': 'a', 'thread-id': 't', 'x-client-request-id': 't' }), 'a')
    assert.equal(session({ session_id: 'a' }), 'a')
    assert.equal(session({ 'x-session-id': 'ses_1', 'x-session-affinity': 'ses_1' }), 'ses_1')
    assert.equal(session({ 'thread-id': 't' }), 't')
    assert.equal(session({ 'x-client-request-id': 't' }), null)
    assert.equal(session({ 'session-id': ' ' }, '{"session_id":"b"}'), 'b')
    assert.equal(session({ 'x-tollkeeper-session': 'mine', 'session-id': 'a' }), 'mine')
    assert.equal(session({ 'session-id': 'x'.repeat(999) })?.length, 200)
  })

  it('tells task and feature from path and content', () => {
    const image = '{"messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"x"}}]}]}'
    const rows: readonly (readonly [path: string, body: string, task: string, feature: string])[] = [
      [chat, '{}', 'generation', 'chat'],
      [chat, image, 'vlm', 'chat'],
      ['/v1/completions', '{}', 'generation', 'chat'],
      ['/v1/messages', '{}', 'generation', 'chat'],
      ['/v1/responses', '{}', 'generation', 'chat'],
      ['/v1beta/models/{model}:generateContent', '{}', 'generation', 'chat'],
      ['/v1/models/{model}:streamGenerateContent', '{}', 'generation', 'chat'],
      ['/v1/embeddings', '{}', 'embedding', 'embeddings'],
      ['/v1beta/models/{model}:embedContent', '{}', 'embedding', 'embeddings'],
      ['/v1beta/models/{model}:batchEmbedContents', '{}', 'embedding', 'embeddings'],
      ['/v1/messages/count_tokens', '{}', 'generation', 'other'],
      ['/v1/audio/speech', '{}', 'generation', 'other'],
    ]
    for (const [path, body, task, feature] of rows) {
      const attribution = told({}, path, body)
      assert.deepEqual([attribution.task, attribution.feature], [task, feature], path)
    }
  })

  it('counts a chat as a search where the provider searched, unless the caller named the feature', () => {
    assert.equal(featureAfter(told({}), 0), 'chat')
    assert.equal(featureAfter(told({}), 2), 'search')
    assert.equal(featureAfter(told({ 'x-tollkeeper-feature': 'chat' }), 2), 'chat')
    assert.equal(featureAfter(told({}, '/v1/embeddings'), 2), 'embeddings')
  })

  it('takes the account for the user where nobody is named', () => {
    const of = { provider: 'anthropic', account: 'a1b2c3d4e5f6', billing: 'metered' } as const
    const own = 'sk-ant-api03-own'
    assert.equal(userOf(told({}), own, of), 'Anthropic key …e5f6')
    assert.equal(userOf(told({}), own, { ...of, billing: 'plan' }), 'Claude plan')
    assert.equal(userOf(told({}), null, of), null)
    assert.equal(userOf(told({}, chat, '{}', 'ci'), own, of), 'ci')
    assert.equal(userOf(told({ 'x-tollkeeper-user': 'me' }, chat, '{}', 'ci'), own, of), 'me')
  })

  it('believes our own headers first, then the marks of the client', () => {
    const headers = {
      'user-agent': 'claude-cli/2',
      'x-claude-code-session-id': 's1',
      'x-tollkeeper-task': 'extraction',
    }
    assert.deepEqual(told(headers, chat, '{}', 'ci'), {
      client: 'claude-code',
      task: 'extraction',
      session: 's1',
      user: 'ci',
      feature: 'chat',
      featureSaid: false,
    })
    const own = told({ 'x-tollkeeper-client': 'mine', 'x-tollkeeper-user': 'me', 'x-tollkeeper-feature': 'review' })
    assert.deepEqual([own.client, own.user, own.feature, own.featureSaid], ['mine', 'me', 'review', true])
  })
})
