/**
 * What tests of the containers share: identities of the client side, and reading what the canary was told.
 * @module
 */
import { X509Certificate } from 'node:crypto'
import { type Authority, createAuthority } from '../../../pki/authority.ts'
import type { Identity } from '../../../pki/types.ts'
import type { ClientCertificate } from '../client-certificate.ts'
import { type Asked, ask, type Got } from '../testing.ts'
import { needDocker } from './docker.ts'
import type { ContainerOrigin } from './types.ts'

/** Why tests with containers are left out on this machine; false where they run. In CI they run, or fail. */
export const withoutDocker: string | false = process.env.CI
  ? false
  : await needDocker().then(
      () => false as const,
      ({ message }: Error) => message,
    )

/** Client certificates around one trusted CA. */
export interface Clients {
  ca: Authority
  good: Identity
  /** By an intermediate of {@link Clients.ca}, which it sends. */
  chained: Identity
  revoked: Identity
  /** Of a CA that nobody trusts, with the name of {@link Clients.good}. */
  foreign: Identity
  /** Revokes {@link Clients.revoked}. */
  crl: string
}

/** Makes them. */
export async function makeClients(): Promise<Clients> {
  const [ca, other] = await Promise.all([
    createAuthority({ name: 'CN=Pull CA,O=Harness Lab' }),
    createAuthority({ name: 'CN=Other CA' }),
  ])
  const middle = await createAuthority({ name: 'CN=Pull CA 2', issuer: ca })
  const subject = 'CN=edge.example.test,O=Harness Lab'
  const [good, chained, revoked, foreign] = await Promise.all([
    ca.issue({ subject, serial: '03A5B1' }),
    middle.issue({ subject: 'CN=chained' }),
    ca.issue({ subject: 'CN=revoked' }),
    other.issue({ subject }),
  ])
  const crl = await ca.crl({ revoked: [{ serial: new X509Certificate(revoked.cert).serialNumber }] })
  return { ca, good, chained, revoked, foreign, crl }
}

/** What came back, and what the application behind the server was told. */
export interface Told extends Got {
  clientCertificate: ClientCertificate | undefined
  /** Headers as they arrived at the application, by lower-case name. */
  arrived: Map<string, string>
}

/** Asks the canary by TLS with a certificate or none. */
export async function askTls(
  origin: ContainerOrigin,
  identity: Identity | undefined,
  asked: Omit<Asked, 'tls'> & { maxVersion?: 'TLSv1.2' | 'TLSv1.3' } = {},
): Promise<Told> {
  const { maxVersion, ...rest } = asked
  return told(
    await ask(origin, {
      ...rest,
      tls: {
        ...(identity === undefined ? {} : { cert: identity.cert, key: identity.key }),
        ...(maxVersion === undefined ? {} : { maxVersion }),
      },
    }),
  )
}

/** Reads the canary's answer; of another nothing. */
export function told(got: Got): Told {
  if (got.status !== 200) return { ...got, clientCertificate: undefined, arrived: new Map() }
  const { clientCertificate, headers } = JSON.parse(got.body) as {
    clientCertificate?: ClientCertificate
    headers: [string, string][]
  }
  const arrived = new Map(headers.map(([name, value]) => [name.toLowerCase(), value]))
  return { ...got, clientCertificate, arrived }
}
