/**
 * The embedded edge under load, beside a bare Node server that does the same forwarding to the same origin. Origin, edge and
 * bare server have a process each and take turns; the visitors are in this one. Load goes to 127.0.0.1 only.
 *
 * The visitors share the machine with the servers, which brings the ratios of requests per second nearer to one: so the
 * processor time of the server per request is told too.
 * @module
 */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import type { OriginPlace } from '../harness/lab/edge/origin/dial.ts'
import { createLabMaterial } from '../harness/lab/material.ts'
import type { Listening, Role, Usage } from './edge-child.ts'
import {
  keptConnection,
  type Load,
  load,
  newConnections,
  sharedConnection,
  type Target,
  type Visitor,
} from './edge-client.ts'
import type { Figure } from './stats.ts'

const host = '127.0.0.1'
/** Rounds per server, the first one to warm up. */
const rounds = 5
const perRound = { time: 500, requests: 5_000 }
const memory = { requests: 50_000, samples: 30 }
/** Milliseconds for everything. */
const wholeTime = 57_000

/** The bars: throughput at least this part, p99 at most this many times. */
const bar = { throughput: 0.5, p99: 2 }

interface Server {
  child: ChildProcess
  listening: Listening
}

interface Way {
  what: string
  visitors(target: Target, server: Server): Promise<Visitor[]> | Visitor[]
}

const ways: readonly Way[] = [
  {
    what: 'HTTP/1.1, 16 kept connections',
    visitors: (target) => Promise.all(Array.from({ length: 16 }, () => keptConnection(target))),
  },
  {
    what: 'HTTP/2, 4 connections of 8 streams',
    visitors: async (target, { listening: { http2Port: port } }) =>
      (await Promise.all(Array.from({ length: 4 }, () => sharedConnection({ ...target, port }, 8)))).flat(),
  },
  ...(['TLSv1.3', 'TLSv1.2'] as const).map((version) => ({
    what: `${version}, handshake and one request, 8 at a time`,
    visitors: (target: Target) => Array.from({ length: 8 }, () => newConnections(target, version)),
  })),
]

/** Requests and handshakes per second, and memory over many requests. */
export async function benchEdge(): Promise<Figure[]> {
  const end = performance.now() + wholeTime
  const material = await createLabMaterial()
  const started: Server[] = []
  const begin = async (role: Role): Promise<Server> => {
    const server = await start(role)
    started.push(server)
    return server
  }
  try {
    const { listening } = await begin({ role: 'origin', material })
    const origin: OriginPlace = { host, ...listening }
    const servers = {
      edge: await begin({ role: 'edge', material, origin }),
      bare: await begin({ role: 'bare', material, origin }),
    }
    const identity = material.identities['sensor-001']
    const targetOf = ({ listening: { port } }: Server): Target => ({ port, identity })
    const figures: Figure[] = []
    for (const way of ways) figures.push(...(await compare(way, servers, targetOf)))
    figures.push(...(await benchMemory(servers.edge, targetOf(servers.edge), end)))
    return figures
  } finally {
    for (const { child } of started) child.disconnect()
  }
}

async function start(role: Role): Promise<Server> {
  const child = fork(new URL('edge-child.ts', import.meta.url), {
    execArgv: [...process.execArgv, '--expose-gc'],
    serialization: 'advanced',
  })
  child.send(role)
  return { child, listening: await answerOf<Listening>(child) }
}

async function answerOf<Answer>(child: ChildProcess): Promise<Answer> {
  const done = new AbortController()
  const { signal } = done
  const ended = once(child, 'exit', { signal }).then(() => {
    throw new Error('a server of the bench ended')
  })
  try {
    const [answer] = (await Promise.race([once(child, 'message', { signal }), ended])) as [Answer]
    return answer
  } finally {
    ended.catch(() => {})
    done.abort()
  }
}

function usageOf({ child }: Server): Promise<Usage> {
  child.send('usage')
  return answerOf<Usage>(child)
}

/** All rounds of one server. */
interface Sum extends Load {
  /** Microseconds of the server's processor time. */
  cpu: number
}

async function compare(
  { what, visitors }: Way,
  servers: Record<'edge' | 'bare', Server>,
  targetOf: (server: Server) => Target,
): Promise<Figure[]> {
  const sums: Record<'edge' | 'bare', Sum> = {
    edge: { elapsed: 0, latencies: [], cpu: 0 },
    bare: { elapsed: 0, latencies: [], cpu: 0 },
  }
  for (let round = 0; round < rounds; round += 1) {
    for (const name of ['edge', 'bare'] as const) {
      const one = await oneRound(servers[name], await visitors(targetOf(servers[name]), servers[name]))
      if (round > 0) add(sums[name], one)
    }
  }
  const { edge, bare } = { edge: summary(sums.edge), bare: summary(sums.bare) }
  const throughput = edge.perSecond / bare.perSecond
  const slower = edge.p99 / bare.p99
  return [
    {
      what: `${what}: per second`,
      value: `${throughput.toFixed(2)} × bare (${edge.perSecond.toFixed(0)} to ${bare.perSecond.toFixed(0)}, n=${edge.n}+${bare.n}), ${verdict(throughput >= bar.throughput, `≥ ${bar.throughput}`)}`,
    },
    {
      what: '  latency',
      value: `p50 ${(edge.p50 / bare.p50).toFixed(2)} × bare (${edge.p50.toFixed(1)} to ${bare.p50.toFixed(1)} ms), p99 ${slower.toFixed(2)} × bare (${edge.p99.toFixed(1)} to ${bare.p99.toFixed(1)} ms), ${verdict(slower <= bar.p99, `≤ ${bar.p99}`)}`,
    },
    {
      what: '  processor time of the server',
      value: `${(edge.cpu / bare.cpu).toFixed(2)} × bare (${edge.cpu.toFixed(0)} to ${bare.cpu.toFixed(0)} µs each)`,
    },
  ]
}

const verdict = (met: boolean, what: string): string => `bar ${what} ${met ? 'met' : 'MISSED'}`

async function oneRound(server: Server, visitors: readonly Visitor[]): Promise<Sum> {
  try {
    const before = await usageOf(server)
    const seen = await load(visitors, perRound)
    const after = await usageOf(server)
    return { ...seen, cpu: after.cpu - before.cpu }
  } finally {
    for (const visitor of visitors) visitor.close()
  }
}

function add(sum: Sum, one: Sum): void {
  sum.elapsed += one.elapsed
  sum.cpu += one.cpu
  sum.latencies.push(...one.latencies)
}

function summary({
  elapsed,
  latencies,
  cpu,
}: Sum): Record<'n' | 'perSecond' | 'p50' | 'p99' | 'cpu', number> {
  const sorted = Float64Array.from(latencies).sort()
  const n = sorted.length
  const at = (part: number): number => sorted[Math.floor(n * part)] ?? Number.NaN
  return { n, perSecond: (n / elapsed) * 1000, p50: at(0.5), p99: at(0.99), cpu: cpu / n }
}

/** The edge's memory after collections: the last third of the samples beside the first. */
async function benchMemory(edge: Server, target: Target, end: number): Promise<Figure[]> {
  const visitors = await Promise.all(Array.from({ length: 16 }, () => keptConnection(target)))
  const requests = memory.requests / memory.samples
  const samples: Usage[] = []
  let done = 0
  try {
    while (samples.length < memory.samples && performance.now() < end) {
      done += (await load(visitors, { time: end - performance.now(), requests })).latencies.length
      samples.push(await usageOf(edge))
    }
  } finally {
    for (const visitor of visitors) visitor.close()
  }
  const row = (what: string, of: (usage: Usage) => number): Figure => {
    const third = Math.max(1, Math.floor(samples.length / 3))
    const [first, last] = [mean(samples.slice(0, third).map(of)), mean(samples.slice(-third).map(of))]
    const megabytes = `${(first / 2 ** 20).toFixed(1)} to ${(last / 2 ** 20).toFixed(1)} MB`
    return {
      what: `${what} of the edge over ${done} requests${done < memory.requests ? ' (no time for 50,000)' : ''}`,
      value: `${(last / first).toFixed(3)} × between first and last third (${megabytes}, ${samples.length} samples)`,
    }
  }
  return [row('heap', ({ heap }) => heap), row('whole memory', ({ rss }) => rss)]
}

const mean = (of: readonly number[]): number => of.reduce((sum, one) => sum + one, 0) / of.length
