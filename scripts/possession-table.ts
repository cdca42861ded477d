/**
 * `npm run possession-table`: every attack on the proof of possession, on six servers, in TLS 1.2 and 1.3, each between two
 * honest handshakes that are answered. Exit code 1 where an attack is answered, an honest handshake is not, or (with CI
 * set) a server is missing.
 * @module
 */
import { canaryPath, primary } from '../harness/lab/hostnames.ts'
import { createLabMaterial, startLab } from '../harness/lab/lab.ts'
import { attackIds, attacks, runAttack } from '../harness/wire/client/attacks.ts'
import { runScript } from '../harness/wire/client/run.ts'
import { installed, serverNames, startServer } from '../harness/wire/client/testing-servers.ts'
import type { Script, ScriptResult } from '../harness/wire/client/types.ts'
import { certificates } from '../harness/wire/testing.ts'
import { readTranscript } from '../harness/wire/transcript.ts'

/** A server to attack: a script that it answers, and how to stop it. */
interface Subject {
  name: string
  honest: Omit<Script, 'version'>
  stop: () => Promise<unknown>
}

const versions = ['TLSv1.2', 'TLSv1.3'] as const

const answered = ({ response }: ScriptResult): boolean =>
  /^HTTP\/1\.[01] 200 /i.test(response.toString('latin1'))

/** The alert, or how the connection ended instead. */
function ending(result: ScriptResult): string {
  if (answered(result)) return 'ANSWERED'
  const alert = readTranscript(result).alerts.find(({ from, code }) => from === 'server' && code !== 0)
  if (alert !== undefined) return alert.name
  return result.end === 'closed' ? (result.closedBy ?? 'closed') : result.end
}

/** The servers that are there; for each that is not, a line. */
async function* subjects(missing: string[]): AsyncGenerator<Subject> {
  const { client } = certificates()
  for (const name of serverNames) {
    if (!installed(name)) {
      missing.push(name)
      continue
    }
    const { port, stop } = await startServer(name)
    const request = Buffer.from('GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n')
    yield {
      name,
      stop,
      honest: { host: '127.0.0.1', port, serverName: 'localhost', identity: client, request },
    }
  }
  const material = await createLabMaterial()
  const lab = await startLab({ material })
  const { hostname } = primary
  const head = `GET ${canaryPath}?challenge=ab HTTP/1.1\r\nHost: ${hostname}\r\nConnection: close\r\n\r\n`
  yield {
    name: 'lab',
    stop: () => lab.close(),
    honest: {
      host: lab.edge.host,
      port: lab.edge.port,
      serverName: hostname,
      identity: material.identities['sensor-001'],
      request: Buffer.from(head),
    },
  }
}

/** Runs the table; returns what is wrong. */
async function main(): Promise<string[]> {
  const wrong: string[] = []
  const missing: string[] = []
  const cells = new Map<string, string>()
  const columns: string[] = []
  for await (const { name, honest, stop } of subjects(missing)) {
    columns.push(name)
    try {
      for (const version of versions) {
        for (const id of attackIds) {
          if (!answered(await runScript({ ...honest, version })))
            wrong.push(`${name} ${version}: honest, not answered`)
          const said = ending(await runAttack({ ...honest, version }, id))
          cells.set(`${id} ${version} ${name}`, said)
          if (said === 'ANSWERED' || said === 'deadline') wrong.push(`${name} ${version} ${id}: ${said}`)
        }
        if (!answered(await runScript({ ...honest, version })))
          wrong.push(`${name} ${version}: honest, not answered`)
      }
    } finally {
      await stop()
    }
  }
  const row = (first: string, rest: string[]): string =>
    `${first.padEnd(30)} ${rest.map((one) => one.padEnd(19)).join(' ')}`.trimEnd()
  process.stdout.write(`${row('attack', columns)}\n`)
  for (const id of attackIds) {
    for (const version of versions) {
      const said = columns.map((name) => cells.get(`${id} ${version} ${name}`) ?? '')
      process.stdout.write(`${row(`${id} ${version.slice(-3)}`, said)}\n`)
    }
  }
  process.stdout.write(`\n${attackIds.map((id) => `${id}: ${attacks[id].what}`).join('\n')}\n`)
  for (const name of missing)
    process.stdout.write(`${name} is not installed here: nothing is said about it\n`)
  return (process.env.CI ?? '') === '' ? wrong : [...wrong, ...missing.map((name) => `${name} is missing`)]
}

const wrong = await main()
process.stdout.write(
  wrong.length === 0
    ? 'No attack was answered, every honest handshake was.\n'
    : `WRONG:\n${wrong.join('\n')}\n`,
)
process.exitCode = wrong.length === 0 ? 0 : 1
