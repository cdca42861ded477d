/**
 * What a generator spends per valid mTLS handshake with one request, TLS 1.3, nothing resumed: k6, the built-in engine, and,
 * where they are installed, `openssl s_time` and vegeta; all against the same server, in one run, one after the other.
 * @module
 */
import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { findCommand } from '../fixtures/servers/command.ts'
import { createAuthority } from '../harness/pki/authority.ts'
import type { Identity } from '../harness/pki/types.ts'
import { startGenerator } from '../load/engine/generator.ts'
import { findK6 } from '../load/k6/find.ts'
import { runSideBySide } from '../load/k6/run.ts'
import { allowTarget } from '../load/safety/target.ts'
import { twoFreePorts } from '../load/targets/ports.ts'
import { programOf, startTwoPorts } from '../load/targets/start.ts'
import type { Figure } from './stats.ts'

const attempts = 400

interface Target {
  port: number
  cert: string
  key: string
  identity: Identity
}

/** Microseconds of client CPU per attempt; a sentence where there is no figure. */
type Cost = number | string

const generators: readonly { name: string; cost: (target: Target) => Promise<Cost> }[] = [
  { name: 'built-in engine', cost: builtIn },
  { name: 'k6', cost: k6 },
  { name: 'openssl s_time', cost: openssl },
  { name: 'vegeta', cost: vegeta },
]

/** Client CPU per handshake of each generator, and as a multiple of the built-in engine's. */
export async function benchLoad(dir: string): Promise<Figure[]> {
  const authority = await createAuthority()
  const [server, identity] = await Promise.all([authority.issue({ purpose: 'server' }), authority.issue()])
  const [cert, key] = [join(dir, 'load.pem'), join(dir, 'load-key.pem')]
  await writeFile(cert, identity.cert)
  await writeFile(key, identity.key, { mode: 0o600 })
  const ports = await twoFreePorts()
  const kind = programOf('nginx') === undefined ? 'node' : 'nginx'
  const running = await startTwoPorts(kind, {
    dir: join(dir, 'load'),
    ...ports,
    authority,
    server,
    depth: 10,
  })
  try {
    const target = { port: ports.port, cert, key, identity }
    const costs: [name: string, cost: Cost][] = []
    for (const { name, cost } of generators) costs.push([name, await cost(target)])
    const own = costs.find(([, cost]) => typeof cost === 'number')?.[1]
    return costs.map(([what, cost]) => ({
      what,
      value:
        typeof cost === 'string'
          ? cost
          : `${cost.toFixed(0)} µs of client CPU per handshake and request${typeof own === 'number' ? `, ${(cost / own).toFixed(2)} × the built-in engine` : ''}`,
    }))
  } finally {
    await running.stop()
  }
}

async function builtIn({ port, identity }: Target): Promise<Cost> {
  const generator = await startGenerator()
  try {
    const own = { cert: identity.cert, key: identity.key }
    const lane = {
      id: 'valid',
      host: '127.0.0.1',
      port,
      servername: 'localhost',
      version: 'TLSv1.3' as const,
      identity: own,
    }
    await generator.block({ lanes: [lane], attempts: [50], concurrency: 4 })
    const { clientCpuUsec } = await generator.block({ lanes: [lane], attempts: [attempts], concurrency: 4 })
    return clientCpuUsec / attempts
  } finally {
    await generator.stop()
  }
}

/** What k6 takes to start is not what a handshake takes: the difference of two rates is, with as many virtual users in both. */
async function k6({ port, identity }: Target): Promise<Cost> {
  const found = await findK6().catch((error: Error) => error.message)
  if (typeof found === 'string') return found
  const target = await allowTarget({ host: 'localhost', address: '127.0.0.1', port })
  const run = async (rate: number): Promise<{ cpu: number; count: number } | undefined> => {
    const { lanes } = await runSideBySide({
      k6: found,
      target,
      lanes: [
        {
          id: 'valid',
          profile: 'valid',
          script: 'valid',
          rate: { rate, seconds: 4 },
          identity,
          env: { LOAD_TLS: '1.3', LOAD_VUS: '20', LOAD_MAX_VUS: '20' },
        },
      ],
    })
    const [lane] = lanes
    if (lane === undefined || typeof lane.cpuSeconds !== 'number') return undefined
    return { cpu: lane.cpuSeconds * 1e6, count: lane.numbers.attempts.total }
  }
  const [few, many] = [await run(10), await run(10 + attempts / 2)]
  if (few === undefined || many === undefined || many.count <= few.count) return 'not measurable'
  return (many.cpu - few.cpu) / (many.count - few.count)
}

async function openssl({ port, cert, key }: Target): Promise<Cost> {
  if (findCommand('openssl') === undefined) return 'not installed'
  const { text, cpuUsec } = await timedShell(
    `openssl s_time -connect 127.0.0.1:${port} -cert '${cert}' -key '${key}' -www / -new -time 2`,
  )
  const count = Number(/^(\d+) connections in/m.exec(text)?.[1])
  return count > 0 ? cpuUsec / count : 'no connection was counted'
}

async function vegeta({ port, cert, key }: Target): Promise<Cost> {
  if (findCommand('vegeta') === undefined) return 'not installed (https://github.com/tsenart/vegeta)'
  const { cpuUsec } = await timedShell(
    `echo 'GET https://localhost:${port}/' | vegeta attack -cert '${cert}' -key '${key}' -insecure -http2=false -keepalive=false -rate ${attempts / 4} -duration 4s > /dev/null`,
  )
  return cpuUsec / attempts
}

/** Runs a command in a shell that tells the CPU time of its children (POSIX `times`). */
function timedShell(command: string): Promise<{ text: string; cpuUsec: number }> {
  return new Promise((resolve, reject) => {
    execFile('sh', ['-c', `${command}\ntimes`], { timeout: 60_000 }, (error, stdout) => {
      const times = [...stdout.matchAll(/(\d+)m([\d.]+)s (\d+)m([\d.]+)s/g)].at(-1)
      if (times === undefined) {
        reject(error ?? new Error('the shell did not tell its times'))
        return
      }
      const [user, system] = [1, 3].map((at) => Number(times[at]) * 60 + Number(times[at + 1]))
      resolve({ text: stdout, cpuUsec: ((user ?? 0) + (system ?? 0)) * 1e6 })
    })
  })
}
