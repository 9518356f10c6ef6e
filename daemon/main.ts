#!/usr/bin/env node
/** The command line's entry: runs one command with what this process has, ends with its exit code. */
import { runCommandLine } from './cli/command-line.ts'

// a reader that has seen enough, such as `head`, or a terminal that is gone is no fault of ours
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})
const code = await runCommandLine(process.argv.slice(2), {
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
  columns: process.stdout.isTTY ? process.stdout.columns : Infinity,
  env: process.env,
  now: Date.now,
  platform: process.platform,
})
// whatever may still be open is not waited for; what was written is
process.stdout.write('', () => process.stderr.write('', () => process.exit(code)))
