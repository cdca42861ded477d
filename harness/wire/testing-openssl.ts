/**
 * `openssl s_server` and `s_client` as counterparts and as judges.
 * @module
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { certificates, deadline, listen, recordingRelay } from './testing.ts'
import { readTranscript } from './transcript.ts'
import type { Direction, Transcript } from './types.ts'

/** A running `openssl s_server`. */
export interface OpensslServer {
  port: number
  /** Types an interactive command, such as `R\n`. */
  type: (text: string) => void
  /** Waits until it has printed this. */
  printed: (text: string) => Promise<void>
  stop: () => Promise<void>
}

/** Starts `openssl s_server` on a free port, with both server certificates unless told otherwise. */
export async function opensslServer(...args: string[]): Promise<OpensslServer> {
  const probe = createServer()
  const port = await listen(probe)
  await new Promise((resolve) => probe.close(resolve))
  const { serverEc, serverRsa } = certificates()
  const identity = ['-cert', serverRsa.certFile, '-key', serverRsa.keyFile]
  const second = ['-dcert', serverEc.certFile, '-dkey', serverEc.keyFile]
  const child = spawn('openssl', [
    's_server',
    '-accept',
    `127.0.0.1:${port}`,
    ...identity,
    ...second,
    ...args,
  ])
  const output = collect(child, child.stdout, child.stderr)
  const printed = (text: string): Promise<void> => {
    const stop = (): void => {
      child.kill()
      throw new Error(`s_server did not print ${text}, but:\n${output().slice(-500)}`)
    }
    return deadline(
      waitFor(child, () => output().includes(text)),
      stop,
    )
  }
  await printed('ACCEPT')
  return { port, type: (text) => child.stdin?.write(text), printed, stop: () => kill(child) }
}

/** One connection made by `openssl s_client`, as it says itself and as this folder reads it. */
export interface Traced {
  /** Names of the messages as `-trace` prints them. */
  trace: Record<Direction, string[]>
  output: string
  transcript: Transcript
}

/** What to type into `s_client`, each once the given text has been printed. */
export type Script = { after: string | RegExp; type: string }[]

/**
 * Runs `openssl s_client -trace` through a recording relay: `-trace` and our reader see the very same connection.
 * Ends when the server closes, or a while after the script is done.
 */
export async function traced(target: number, args: string[], script: Script): Promise<Traced> {
  const relay = await recordingRelay(target)
  const keyLogFile = join(certificates().folder, `keylog-${relay.port}`)
  const child = start([
    ...['s_client', '-connect', `127.0.0.1:${relay.port}`, '-servername', 'localhost', '-trace'],
    ...['-nameopt', 'RFC2253,-esc_msb,utf8', '-keylogfile', keyLogFile, ...args],
  ])
  const output = collect(child, child.stdout)
  const closed = once(child, 'close')
  try {
    let from = 0
    for (const { after, type } of script) {
      const found = (): boolean => {
        const text = output().slice(from)
        return typeof after === 'string' ? text.includes(after) : after.test(text)
      }
      await deadline(Promise.race([waitFor(child, found), closed]), () => {
        throw new Error(`s_client did not print ${after}, but:\n${output().slice(from).slice(-500)}`)
      })
      from = output().length
      if (child.exitCode === null) child.stdin?.write(type)
    }
    await deadline(closed)
  } finally {
    relay.stop()
    await kill(child)
  }
  const transcript = readTranscript({ chunks: relay.chunks, keylog: [readFileSync(keyLogFile)] })
  return { trace: parseTrace(output()), output: output(), transcript }
}

// HelloRetryRequest has the type of ServerHello and trace looks no further; OpenSSL 3.0 has no name for alert 116.
const alike: Readonly<Record<string, string>> = {
  HelloRetryRequest: 'ServerHello',
  'alert certificate_required': 'alert unknown',
}

/** Our messages in the form of {@link Traced.trace}: by direction, for the two see the directions interleave differently. */
export function asTrace({ messages }: Transcript): Traced['trace'] {
  const of = (from: Direction): string[] =>
    messages.filter((message) => message.from === from).map(({ name }) => alike[name] ?? name)
  return { client: of('client'), server: of('server') }
}

function parseTrace(output: string): Traced['trace'] {
  const trace: Traced['trace'] = { client: [], server: [] }
  let list: string[] = []
  let isData = false
  const endRecord = (): void => {
    if (isData) list.push('ApplicationData')
    isData = false
  }
  for (const line of output.split('\n')) {
    const [, way] = /^(Sent|Received) Record/.exec(line) ?? []
    if (way !== undefined) {
      endRecord()
      list = way === 'Sent' ? trace.client : trace.server
    }
    const [, handshake] = /^ {4}([A-Z]\w+), Length=\d+$/.exec(line) ?? []
    const [, alert] = /^ {4}Level=\w+\(\d+\), description=([\w ]+)\(\d+\)/.exec(line) ?? []
    // In TLS 1.3 every encrypted record is ApplicationData outside; the inner type follows and counts.
    const [, type] = /^ {2}(?:Inner )?Content Type = (\w+)/.exec(line) ?? []
    if (handshake !== undefined) list.push(handshake)
    if (alert !== undefined) list.push(`alert ${alert.replaceAll(' ', '_')}`)
    if (type === 'ChangeCipherSpec') list.push('ChangeCipherSpec')
    if (type !== undefined) isData = type === 'ApplicationData'
  }
  endRecord()
  return trace
}

// Line by line: into a pipe libc would write in blocks, and the lines waited for would not come.
const start = (args: string[]): ChildProcess => spawn('stdbuf', ['-oL', 'openssl', ...args])

function collect(child: ChildProcess, ...streams: (Readable | null)[]): () => string {
  let text = ''
  // What nobody reads would block the child.
  child.stderr?.resume()
  // It may end before it has read what it is told.
  child.stdin?.on('error', () => {})
  for (const stream of streams) {
    stream?.setEncoding('utf8').on('data', (part: string) => {
      text += part
    })
  }
  return () => text
}

async function waitFor(child: ChildProcess, done: () => boolean): Promise<void> {
  while (!done()) {
    if (child.exitCode !== null || child.signalCode !== null) throw new Error('openssl ended')
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = once(child, 'close')
  child.kill('SIGKILL')
  await gone
}
