/** `tollkeeper dashboard`: makes the link that works once, prints it and opens it. */
import { spawn } from 'node:child_process'
import { askDaemon } from './attach.ts'
import type { ExitCode, Io } from './io.ts'
import { answer, note } from './say.ts'

export async function dashboard({ home, open }: { home: string; open: boolean }, io: Io): Promise<ExitCode> {
  const reply = await askDaemon(home, io, 'dashboardLink', { body: {} })
  if (!reply.ok) return reply.code
  const { url } = reply.value
  const command = open ? openCommandOf(url, io.platform, io.env) : undefined
  const opened = command !== undefined && (await run(command))
  note(io, 'The link works once, within a minute.')
  if (command && !opened) note(io, 'No browser could be opened here: open the link yourself.')
  return answer(io, { url, opened }, url)
}

export type OpenCommand = { program: string; args: string[] }

/** undefined: there is no screen to open a browser on. */
export function openCommandOf(url: string, platform: NodeJS.Platform, env: Io['env']): OpenCommand | undefined {
  if (platform === 'darwin') return { program: 'open', args: [url] }
  // unlike `start`, it takes the address without a shell reading it
  if (platform === 'win32') return { program: 'rundll32', args: ['url.dll,FileProtocolHandler', url] }
  return env.DISPLAY || env.WAYLAND_DISPLAY ? { program: 'xdg-open', args: [url] } : undefined
}

/** Whether it could be started; what becomes of it is the browser's business. */
function run({ program, args }: OpenCommand): Promise<boolean> {
  return new Promise((resolve) => {
    const child = spawn(program, args, { stdio: 'ignore', detached: true, windowsHide: true })
    child.once('error', () => resolve(false))
    child.once('spawn', () => {
      child.unref()
      resolve(true)
    })
  })
}
