/** Reads a secret: from a terminal without showing it, else the first line of standard input. */
import type { ReadStream } from 'node:tty'

/** As much of standard input and standard error as is needed. */
export type Input = Pick<ReadStream, 'on' | 'off' | 'pause' | 'resume' | 'isTTY' | 'setRawMode' | 'setEncoding'>
export type Prompt = { write(text: string): unknown }

const longest = 64 * 1024

/** undefined: the user broke it off. The prompt is shown on a terminal only. */
export function readSecret(
  prompt: string,
  input: Input = process.stdin,
  shown: Prompt = process.stderr,
): Promise<string | undefined> {
  const isTerminal = input.isTTY === true
  if (isTerminal) {
    shown.write(prompt)
    input.setRawMode(true)
  }
  input.setEncoding('utf8')
  input.resume()
  return new Promise((resolve) => {
    let text = ''
    const settle = (secret: string | undefined) => {
      input.off('data', take)
      input.off('end', end)
      if (isTerminal) {
        input.setRawMode(false)
        shown.write('\n')
      }
      input.pause()
      resolve(secret?.trim())
    }
    const end = () => settle(text)
    const take = (piece: string) => {
      for (const one of piece) {
        if (one === '\n' || one === '\r') return settle(text)
        // raw mode leaves to us what a terminal does by itself: Ctrl-C, Ctrl-D, the key that takes a character back
        if (isTerminal && one === '\u0003') return settle(undefined)
        if (isTerminal && one === '\u0004') return settle(text)
        if (isTerminal && (one === '\u007f' || one === '\b')) text = text.slice(0, -1)
        else text += one
      }
      if (text.length > longest) settle(undefined)
    }
    input.on('data', take)
    input.on('end', end)
  })
}
