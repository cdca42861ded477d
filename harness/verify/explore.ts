/**
 * Doors beside the one that is verified: other ports of the same edge, neighbouring names at the same address, HTTP/3. What
 * they show without credentials is a fact; ports that answer are then judged by checks.
 * @module
 */
import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Door } from '../../reports/types.ts'
import { isLocal } from '../deployment/local.ts'
import { namesOn, neighbourNames } from '../deployment/neighbours.ts'
import { proofOf } from '../deployment/proof.ts'
import type { Deployment } from '../deployment/types.ts'
import type { Attempt, HttpAnswer, Outcome } from '../probe/types.ts'
import { probeQuic } from '../probe/version-negotiation.ts'

/**
 * Ports beside 443 and 80 on which the edge serves every hostname (Cloudflare documentation, Fundamentals, Network ports).
 * Port 80 is a check's own.
 */
export const edgePorts = {
  tls: [8443, 2053, 2083, 2087, 2096],
  plain: [8080, 8880, 2052, 2082, 2086, 2095],
} as const

const mostNeighbours = 4
const mostOnCertificate = 4
/** A port that drops packets must not hold up the run. */
const patience = 2000
/** Nor must a name server that drops questions: system resolvers ask again after five seconds. */
const namePatience = 1000

/** How to look. */
export interface Exploration {
  deployment: Deployment
  /** Addresses of the hostname. */
  addresses: readonly string[]
  /** Answers had so far: they may announce HTTP/3. */
  answers: readonly HttpAnswer[]
  /** The server's certificate, DER: other names on it are served here as well, as likely as not. */
  certificate?: Buffer | undefined
  probe: (extra: Partial<Attempt>) => Promise<Outcome>
  /** Default: {@link edgePorts} on a hostname at port 443 of which nothing else is declared; else none. */
  ports?: { tls: readonly number[]; plain: readonly number[] }
  resolve?: (name: string) => Promise<string[]>
}

const none = { tls: [], plain: [] } as const

/** Other ports are looked at where nobody said which there are, on the port that the edge's are documented beside. */
const portsFor = ({
  source,
  target,
  ports,
}: Deployment): { tls: readonly number[]; plain: readonly number[] } =>
  source === undefined && target.port === 443
    ? { tls: edgePorts.tls, plain: edgePorts.plain.filter((port) => !ports.plain.includes(port)) }
    : none

/** Connections that {@link explore} makes at most for a deployment; the datagram for HTTP/3 is none. */
export const explorationLimit = (deployment: Deployment): number => {
  const { tls, plain } = portsFor(deployment)
  return tls.length + plain.length + mostNeighbours + mostOnCertificate
}

/** Looks at every other door once, without credentials. */
export async function explore(exploration: Exploration): Promise<Door[]> {
  const { deployment, ports = portsFor(deployment), probe } = exploration
  const { target } = deployment
  const deadline = Math.min(deployment.deadline, patience)
  const at = (port: number): Partial<Attempt> => ({ endpoint: { ...target, port }, deadline })
  const doors = await Promise.all([
    ...ports.tls.map(async (port) => door('tls-port', `port ${port}`, await probe(at(port)), port)),
    ...ports.plain.map(async (port) =>
      door('plain-port', `port ${port}`, await probe({ ...at(port), tls: false }), port),
    ),
    ...(await neighbours(exploration)).map(async (hostname) =>
      nameDoor(
        hostname,
        await probe({ endpoint: { ...target, hostname }, proof: proofOf(target), deadline }),
      ),
    ),
    http3(exploration),
  ])
  return doors.filter((one) => one !== undefined)
}

function door(kind: Door['kind'], where: string, outcome: Outcome, port?: number): Door {
  const { verdict, code, layer, summary, http } = outcome
  const silent = layer === 'tcp' || (code === 'timeout' && http === undefined)
  const seen: Door['seen'] =
    verdict === 'allowed'
      ? 'open'
      : silent
        ? 'closed'
        : code === 'http-redirect' || (http !== undefined && http.status >= 300 && http.status < 400)
          ? 'redirect'
          : verdict === 'refused'
            ? 'refused'
            : 'unknown'
  return { kind, where, seen, because: summary, ...(port === undefined ? {} : { port }) }
}

const nameDoor = (hostname: string, outcome: Outcome): Door => ({
  ...door('name', hostname, outcome),
  ...(outcome.http === undefined ? {} : { asks: outcome.transcript?.certificateRequest !== undefined }),
})

/** Undeclared names: those on the server's certificate, and those beside the hostname that lead to one of its own addresses. */
async function neighbours({
  deployment: { target, siblings },
  addresses,
  certificate,
  resolve = isLoopback(target.address) ? nowhere : resolveName,
}: Exploration): Promise<string[]> {
  const known = new Set([target.hostname, ...siblings.map(({ hostname }) => hostname)])
  const own = new Set(addresses)
  const isNew = (name: string): boolean => !known.has(name)
  const onIt = [...new Set(namesOn(certificate))].filter(isNew).slice(0, mostOnCertificate)
  const names = neighbourNames(target.hostname).filter((name) => isNew(name) && !onIt.includes(name))
  const found = await Promise.all(
    names.map(async (name) => {
      const late = new AbortController()
      const nobody = sleep(namePatience, [], { signal: late.signal }).catch(() => [])
      const its = await Promise.race([resolve(name), nobody])
      late.abort()
      return its.some((address) => own.has(address)) ? [name] : []
    }),
  )
  return [...onIt, ...found.flat().slice(0, mostNeighbours)]
}

/**
 * A deployment that was given a loopback address is not in the DNS, and need not be asked about there. It is more than
 * politeness: a system's resolver that gets no answer holds a thread of Node's pool for seconds, and files wait behind it.
 */
const isLoopback = (address: string | undefined): boolean => address !== undefined && isLocal(address)

const nowhere = async (): Promise<string[]> => []

async function resolveName(name: string): Promise<string[]> {
  try {
    return (await lookup(name, { all: true })).map(({ address }) => address)
  } catch {
    return []
  }
}

const quicPatience = 500

/** HTTP/3 as it is announced (RFC 9114 §3.1.1) or answers; undefined: no sign of it. */
async function http3({ deployment, addresses, answers }: Exploration): Promise<Door | undefined> {
  const { target } = deployment
  const announced = answers
    .flatMap(({ headers }) => headers)
    .find(([name, value]) => name.toLowerCase() === 'alt-svc' && /(?:^|[\s,])h3(?:-\d+)?=/.test(value))
  const address = addresses.find((one) => isIP(one) !== 0)
  const answer = address === undefined ? undefined : await probeQuic({ ...target, address }, quicPatience)
  if (announced === undefined && answer?.versions === undefined) return undefined
  const because = [
    announced === undefined ? [] : ['Alt-Svc announces it'],
    answer?.versions === undefined ? [] : [answer.summary],
  ]
    .flat()
    .join(', ')
  return { kind: 'http3', where: 'HTTP/3', seen: 'not-tested', because }
}

/**
 * The deployment with what was seen beside it: ports that answer, where nobody declared any, and names that ask for no client
 * certificate. Checks then judge them with twins and repetitions.
 */
export const withExplored = (deployment: Deployment, doors: readonly Door[] = []): Deployment =>
  withPorts(withNeighbours(deployment, doors), doors)

function withNeighbours(deployment: Deployment, doors: readonly Door[]): Deployment {
  const { mtls: _, access: __, ...shared } = deployment.target
  const open = doors.filter(({ asks }) => asks === false)
  // Whoever serves a page there is a likelier way in than who turns people away.
  const found = [...open.filter(({ seen }) => seen === 'open'), ...open.filter(({ seen }) => seen !== 'open')]
  if (found.length === 0) return deployment
  return {
    ...deployment,
    neighbours: found.map(({ where }) => ({ ...shared, hostname: where, requests: [] })),
  }
}

function withPorts(deployment: Deployment, doors: readonly Door[]): Deployment {
  if (deployment.source !== undefined) return deployment
  const answering = (kind: Door['kind']): number[] =>
    doors.flatMap((one) => (one.kind === kind && one.seen !== 'closed' ? (one.port ?? []) : []))
  const { plain, tls } = deployment.ports
  return {
    ...deployment,
    ports: {
      plain: [...new Set([...plain, ...answering('plain-port')])],
      tls: [...new Set([...tls, ...answering('tls-port')])],
    },
  }
}
