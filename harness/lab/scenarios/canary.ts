/**
 * The canary as a client reads it: the request as the origin got it.
 * @module
 */
import { randomBytes } from 'node:crypto'
import type { Seen } from './http.ts'
import type { LabFile } from './lab-file.ts'

/** An answer, and the request as the origin got it, where it got there. */
export interface CanarySeen extends Seen {
  /** Header values at the origin, by name in lower case; undefined: the request did not reach it. */
  atOrigin: ReadonlyMap<string, string> | undefined
  /** Client certificate of the connection from the edge; undefined without TLS. */
  pull: { presented: boolean; verified: boolean; subject?: string } | undefined
}

interface Echo {
  challenge: string
  headers: [name: string, value: string][]
  clientCertificate?: CanarySeen['pull']
}

/** Path and query of the canary of a hostname, with a fresh challenge. */
export const canaryPathOf = ({ hostnames }: LabFile, hostname: string): string =>
  `${hostnames[hostname]?.canary ?? '/'}?challenge=${randomBytes(8).toString('hex')}`

/** Reads an answer of the canary; anything else did not reach the origin. */
export function withCanary<Answer extends Seen>(seen: Answer): Answer & CanarySeen {
  const echo = echoIn(seen.body)
  return {
    ...seen,
    atOrigin: echo && new Map(echo.headers.map(([name, value]) => [name.toLowerCase(), value])),
    pull: echo?.clientCertificate,
  }
}

function echoIn(body: string): Echo | undefined {
  try {
    const value = JSON.parse(body) as { harness?: unknown } & Echo
    return value.harness === 'canary' ? value : undefined
  } catch {
    return undefined
  }
}
