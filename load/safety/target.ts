/**
 * Who may be loaded. Loopback always; anything else only when its hostname was typed a second time, with hard limits and
 * a canary; shared edges never.
 * @module
 */
import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import { HarnessError } from '../../harness/errors.ts'
import { isLoopback, isNobody, sharedEdgeOf } from './edges.ts'

/** Hard limits of one run, all processes together. */
export interface Caps {
  /** Attempts per second. */
  rate: number
  /** Attempts in all. */
  count: number
  seconds: number
}

/** This machine: limits against mistakes. Ours. */
export const loopbackCaps: Caps = { rate: 20_000, count: 10_000_000, seconds: 4 * 3600 }

/** Another machine: no more than one small machine sends in minutes. Ours. */
export const remoteCaps: Caps = { rate: 500, count: 200_000, seconds: 900 }

/** A target that may be loaded. */
export interface AllowedTarget {
  host: string
  port: number
  /** The one address to connect to: it was checked, a later look-up would not be. */
  address: string
  loopback: boolean
  caps: Caps
  /** A canary must watch, and stop the run. */
  canary: boolean
}

/** What is asked for. */
export interface TargetQuestion {
  host: string
  port: number
  /** Where the host is, when not where DNS says. */
  address?: string
  /** What was typed after `--i-am-allowed-to-load`. */
  confirmation?: string
}

/** All addresses of a name. */
export type Resolve = (host: string) => Promise<readonly string[]>

const resolveAll: Resolve = async (host) => {
  try {
    return (await lookup(host, { all: true })).map(({ address }) => address)
  } catch (cause) {
    // No answer of DNS is not the answer that there is nothing.
    if ((cause as NodeJS.ErrnoException).code === 'ENOTFOUND') return []
    throw new HarnessError('ERR_UNREACHABLE', `the addresses of ${host} cannot be looked up`, { cause })
  }
}

/**
 * Decides whether a target may be loaded.
 * @throws HarnessError ERR_USAGE with the reason when it may not, ERR_UNREACHABLE when it has no address.
 */
export async function allowTarget(
  question: TargetQuestion,
  resolve: Resolve = resolveAll,
): Promise<AllowedTarget> {
  checkPort(question.port)
  const plain = withoutBrackets(question.host)
  const addresses = addressesOf(question.address, plain) ?? (await resolve(plain))
  const allowed = allow(question, addresses, true)
  if (question.confirmation !== undefined) confirmed(question)
  return allowed
}

/**
 * Decides whether load may be written down for other machines to make. They have names and addresses of their own: the
 * addresses of the name count whatever was given beside them, no name is taken for this machine, and the address that was
 * checked goes with the load.
 * @throws HarnessError as {@link allowTarget}.
 */
export async function allowElsewhere(
  question: TargetQuestion,
  resolve: Resolve = resolveAll,
): Promise<AllowedTarget> {
  checkPort(question.port)
  const plain = withoutBrackets(question.host)
  const named = isIP(plain) === 0 ? await resolve(plain) : [plain]
  return allow(question, [...(addressesOf(question.address, plain) ?? []), ...named], isLoopback(plain))
}

/** @param mayBeHere whether a target whose addresses are all this machine's is this machine. */
function allow(question: TargetQuestion, addresses: readonly string[], mayBeHere: boolean): AllowedTarget {
  const { host, port } = question
  const [address] = addresses
  if (address === undefined) throw new HarnessError('ERR_UNREACHABLE', `${host} has no address`)
  for (const one of addresses) refuseAddress(one, host)
  // All of them: one address of this machine among others would make a mixed name look harmless.
  if (mayBeHere && addresses.every(isLoopback)) {
    return { host, port, address, loopback: true, caps: loopbackCaps, canary: false }
  }
  confirmed(question)
  return { host, port, address, loopback: false, caps: remoteCaps, canary: true }
}

const withoutBrackets = (host: string): string => host.replace(/^\[(.*)\]$/, '$1')

function checkPort(port: number): void {
  if (Number.isInteger(port) && port >= 1 && port <= 65_535) return
  throw new HarnessError('ERR_USAGE', `${port} is no port`)
}

/** @throws HarnessError ERR_USAGE unless the hostname was typed a second time. */
function confirmed({ host, confirmation }: TargetQuestion): void {
  if (confirmation === undefined) {
    throw new HarnessError(
      'ERR_USAGE',
      `${host} is not this machine: load goes there only when you say that you may`,
      {
        hint: `--i-am-allowed-to-load ${host}`,
      },
    )
  }
  if (confirmation !== host) {
    throw new HarnessError('ERR_USAGE', `the confirmation is not the hostname of the target`, {
      hint: `the target is ${host}: type exactly that, or leave it`,
    })
  }
}

function addressesOf(given: string | undefined, host: string): readonly string[] | undefined {
  if (given !== undefined) {
    if (isIP(given) === 0) throw new HarnessError('ERR_USAGE', `"${given}" is no IP address`)
    return [given]
  }
  return isIP(host) === 0 ? undefined : [host]
}

function refuseAddress(address: string, host: string): void {
  if (isNobody(address)) {
    throw new HarnessError('ERR_USAGE', `${host} is ${address}, which is no single machine: it is not loaded`)
  }
  const edge = sharedEdgeOf(address)
  if (edge === undefined) return
  throw new HarnessError(
    'ERR_USAGE',
    `${host} is ${address}, an edge of ${edge.operator} that it shares with others: it is not loaded`,
    {
      hint: 'handshakes there cost the operator, not you: load your origin (its own mTLS, Authenticated Origin Pulls), or the lab',
    },
  )
}

/** What a run would send. */
export interface Intent {
  rate: number
  count: number
  seconds: number
}

/** @throws HarnessError ERR_USAGE when a run would go beyond the limits of its target. */
export function checkIntent(intent: Intent, { host, caps }: Pick<AllowedTarget, 'host' | 'caps'>): void {
  const units = { rate: 'attempts per second', count: 'attempts', seconds: 'seconds' } as const
  for (const key of ['rate', 'count', 'seconds'] as const) {
    const value = intent[key]
    if (!Number.isFinite(value) || value <= 0) {
      throw new HarnessError('ERR_USAGE', `${value} ${units[key]} is not possible`)
    }
    if (value > caps[key]) {
      throw new HarnessError('ERR_USAGE', `${value} ${units[key]} is more than ${host} may get: ${caps[key]}`)
    }
  }
}
