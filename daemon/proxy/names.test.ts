import assert from 'node:assert/strict'
import type { IncomingMessage } from 'node:http'
import { attributionOf, clientOf } from './attribution.ts'
import { safeName, safeNameOr } from './names.ts'

describe('proxy/names', () => {
  it('cuts, and replaces what could break a terminal or turn a line around', () => {
    assert.equal(safeName('a'.repeat(500)).length, 200)
    assert.equal(safeName('a\u001b[31mb\u202ec\nd'), 'a\ufffd[31mb\ufffdc\ufffdd')
    assert.equal(safeName('x\ud800y'), 'x\ufffdy')
    assert.equal(safeName('  gpt-4o  '), 'gpt-4o')
    assert.equal(safeName('日本 ✓'), '日本 ✓')
    assert.equal(safeName('tool/sk-ant-api03-0123456789abcdef'), 'tool/[secret]')
  })
  it('says null for nothing', () => {
    assert.equal(safeNameOr(''), null)
    assert.equal(safeNameOr('   '), null)
    assert.equal(safeNameOr(undefined), null)
  })
})

describe('proxy/attribution', () => {
  const agents: [string | undefined, string][] = [
    ['claude-cli/2.1.330 (external, sdk-cli)', 'claude-code'],
    ['codex_exec/0.169.0 (Debian 12.0.0; x86_64) x', 'codex'],
    ['opencode/1.18.33 ai-sdk/provider-utils/4.0.23 runtime/bun/1.3.14', 'opencode'],
    ['GeminiCLI-tui/0.61.0/gemini-3.1-pro-preview (linux; x64; terminal)', 'gemini-cli'],
    ['OpenAI/JS 6.49.0', 'openai-sdk'],
    ['Anthropic/JS 1.12.0', 'anthropic-sdk'],
    ['ai/7.0.173 ai-sdk-provider-utils/5.0.81 node.js/24', 'ai-sdk'],
    ['curl/8.0', 'curl'],
    ['python-requests/2.31', 'python-requests'],
    [undefined, 'unknown'],
    ['\u202e', '\ufffd'],
  ]
  for (const [agent, client] of agents)
    it(`${agent ?? 'no user-agent'} is ${client}`, () => assert.equal(clientOf(agent), client))

  it('believes our own headers first, then the marks of the client', () => {
    const request = {
      headers: { 'user-agent': 'claude-cli/2', 'x-claude-code-session-id': 's1', 'x-tollkeeper-task': 'extraction' },
    } as unknown as IncomingMessage
    assert.deepEqual(attributionOf(request, undefined, 'ci'), {
      client: 'claude-code',
      task: 'extraction',
      session: 's1',
      user: 'ci',
      feature: 'chat',
    })
  })
})
