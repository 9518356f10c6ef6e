/** What exporting a whole history takes: how long, and how much memory the daemon needs meanwhile. */
import type { Pool } from 'undici'

export type Exported = { calls: number; seconds: number; mostMb: number | null }

/** Read as fast as it comes, and kept nowhere. */
export async function measureExport(pool: Pool, token: string, rssMb: () => number | null): Promise<Exported> {
  let most = rssMb()
  const looking = setInterval(() => {
    const now = rssMb()
    if (now !== null) most = Math.max(most ?? 0, now)
  }, 250)
  const began = performance.now()
  try {
    const headers = { authorization: `Bearer ${token}` }
    const { statusCode, body } = await pool.request({ method: 'GET', path: '/api/v1/cost/export', headers })
    if (statusCode !== 200) throw new Error(`the export was answered with ${statusCode}`)
    let lines = 0
    for await (const piece of body as AsyncIterable<Buffer>) {
      for (let at = piece.indexOf(10); at !== -1; at = piece.indexOf(10, at + 1)) lines++
    }
    return { calls: lines - 1, seconds: (performance.now() - began) / 1000, mostMb: most }
  } finally {
    clearInterval(looking)
  }
}
