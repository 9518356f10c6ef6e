/** `npm run bench -- scale [lot] [calls …]`: what a long history costs: start, memory, each query, compaction, disk. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { Pool } from 'undici'
import { measureExport } from './export.ts'
import { type Written, writeHistory } from './history.ts'
import type { Mix } from './mix.ts'
import { startDaemonOn } from './processes.ts'

const queries: readonly (readonly [name: string, path: string, aimMs: number | null])[] = [
  // what an answer costs that asks for nothing: the machine's share of all others
  ['no question (/health)', '/health', null],
  ['totals by provider', '/v1/stats/providers', 5],
  ['summary', '/api/v1/summary', 5],
  ['this month by model', '/api/v1/usage?group_by=model', 5],
  ['30 days by day', '/api/v1/usage?from=30d&group_by=day', 5],
  ['two years by model', '/api/v1/usage?from=730d&group_by=model', null],
  ['newest 500 requests', '/v1/stats/requests?limit=500', 20],
  ['500 read from segments', '/api/v1/requests?limit=500', null],
]
/** The first ones are not counted: a daemon runs for days, and its code is warm. */
const warmUp = 50
const times = 1000

export async function measureScale(calls: number, mix: Mix, say: (text: string) => void): Promise<void> {
  const home = mkdtempSync(join(tmpdir(), 'tollkeeper-scale-'))
  try {
    const drawn = mix === 'lot' ? ', each with names drawn by lot' : ' in sessions'
    say(`\n${calls.toLocaleString('en')} calls over two years${drawn}`)
    const written = await writeHistory(home, calls, mix)
    say(lineOf('written and compacted', `${written.seconds.toFixed(1)} s`, ''))
    sayCompactions(written, say)
    sayDisk(home, calls, written.numbers, say)
    const daemon = await startDaemonOn(home)
    const pool = new Pool(`http://127.0.0.1:${daemon.port}`, { connections: 1, pipelining: 1 })
    try {
      // what the start leaves is given back once nothing runs
      await pause(60_000)
      const rss = daemon.rssMb()
      say(lineOf('ready after', `${daemon.readyMs.toFixed(0)} ms`, 'aim 1500 ms'))
      say(lineOf('memory, idle', rss === null ? 'unknown' : `${rss.toFixed(0)} MB`, 'aim 200 MB'))
      const { token } = JSON.parse(readFileSync(join(home, 'daemon.json'), 'utf8')) as { token: string }
      for (const [name, path, aim] of queries) {
        const [p50, p99] = await timesOf(pool, path, token)
        say(lineOf(name, `p50 ${p50} ms, p99 ${p99} ms`, aim === null ? '' : `aim ${aim} ms p99`))
      }
      const { calls: exported, seconds, mostMb } = await measureExport(pool, token, daemon.rssMb)
      const memory = `memory at most ${mostMb === null ? 'unknown' : `${mostMb.toFixed(0)} MB`}`
      say(lineOf('export of every call', `${exported} in ${seconds.toFixed(1)} s, ${memory}`, ''))
    } finally {
      await pool.destroy()
      await daemon.stop()
    }
  } finally {
    rmSync(home, { recursive: true, force: true })
  }
}

function sayCompactions({ compactions }: Written, say: (text: string) => void): void {
  const longest = Math.max(...compactions.map(({ seconds }) => seconds))
  const loop = Math.max(...compactions.map(({ loopMs }) => loopMs))
  say(
    lineOf('longest compaction', `${longest.toFixed(1)} s, the loop waited ${loop.toFixed(0)} ms at most`, 'aim 20 ms'),
  )
}

function sayDisk(home: string, calls: number, numbers: number, say: (text: string) => void): void {
  const sizes = readdirSync(home, { recursive: true, encoding: 'utf8' })
    .map((name) => ({ name, stat: statSync(join(home, name)) }))
    .filter(({ stat }) => stat.isFile())
  const sum = (of: RegExp) =>
    sizes.filter(({ name }) => of.test(name)).reduce((total, { stat }) => total + stat.size, 0)
  const mb = (bytes: number) => `${(bytes / 1e6).toFixed(1)} MB`
  const perCall = (of: RegExp, count = calls) => `${mb(sum(of))}, ${(sum(of) / count).toFixed(0)} bytes a call`
  // a segment's name begins with its first number
  const plain = sizes.map(({ name }) => Number(/(\d+)-\d+\.jsonl$/.exec(name)?.[1] ?? numbers + 1))
  const sealed = (calls * (Math.min(...plain) - 1)) / numbers
  say(lineOf('snapshot', mb(sum(/^ledger\.json$/)), 'aim 8 MB'))
  say(lineOf('closed months', mb(sum(/^rollups/)), ''))
  say(lineOf('journal, sealed', perCall(/^journal.*\.gz$/, sealed), 'aim 250 bytes'))
  say(lineOf('journal, not yet sealed', mb(sum(/^journal.*\.jsonl$/)), ''))
  say(lineOf('all files', perCall(/./), ''))
}

/** Asked with as little work of the client's as may be: a late one in a hundred is else the client's. */
async function timesOf(pool: Pool, path: string, token: string): Promise<[p50: string, p99: string]> {
  const took: number[] = []
  for (let i = -warmUp; i < times; i++) {
    const began = performance.now()
    const reply = await pool.request({ method: 'GET', path, headers: { authorization: `Bearer ${token}` } })
    await reply.body.arrayBuffer()
    if (reply.statusCode !== 200) throw new Error(`${path} answered ${reply.statusCode}.`)
    if (i >= 0) took.push(performance.now() - began)
  }
  took.sort((a, b) => a - b)
  const at = (share: number) =>
    (took[Math.min(took.length - 1, Math.floor(took.length * share))] ?? Number.NaN).toFixed(1)
  return [at(0.5), at(0.99)]
}

function lineOf(what: string, is: string, aim: string): string {
  return `  ${what.padEnd(24)}${is.padEnd(52)}${aim}`.trimEnd()
}
