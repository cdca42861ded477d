/**
 * Ways in which gateways have let in service tokens that are none, and requests without one; each only under its fault.
 * @module
 */
import type { FaultId, Faults } from '../faults.ts'
import type { AccessServiceToken } from '../state/access-types.ts'
import { hashOf } from '../state/ids.ts'
import type { Login } from './app-token.ts'
import type { Credentials } from './service-credentials.ts'
import type { AccessRequest, Headers } from './types.ts'

interface Asked {
  id: string
  secret: string
  tokens: readonly AccessServiceToken[]
}

interface Lapse {
  fault: FaultId
  find(asked: Asked): AccessServiceToken | undefined
}

/** Lengths of secrets: those with a checksum, and the older ones. */
const secretLengths = [54, 64]

const lapses: readonly Lapse[] = [
  {
    fault: 'access.secret-is-enough',
    find: ({ id, secret, tokens }) => (id === '' ? bySecret(tokens, secret) : undefined),
  },
  {
    fault: 'access.takes-swapped-token',
    find: ({ id, secret, tokens }) =>
      bySecret(tokens, id)?.clientId === secret ? bySecret(tokens, id) : undefined,
  },
  {
    fault: 'access.takes-unknown-token',
    find: ({ id, tokens }) =>
      /^[0-9a-f]{32}\.access$/.test(id) && !tokens.some(({ clientId }) => clientId === id)
        ? tokens[0]
        : undefined,
  },
  {
    fault: 'access.takes-placeholder-token',
    find: ({ id, tokens }) => (/^(?:null|undefined|0|\*|\[\])$/.test(id) ? tokens[0] : undefined),
  },
  {
    fault: 'access.secret-cut-to-length',
    find: ({ id, secret, tokens }) =>
      secretLengths
        .filter((length) => secret.length > length)
        .map((length) => byBoth(tokens, id, secret.slice(0, length)))
        .find((token) => token !== undefined),
  },
  {
    fault: 'access.decodes-token-headers',
    find: ({ id, secret, tokens }) =>
      decoded(id) === id && decoded(secret) === secret
        ? undefined
        : byBoth(tokens, decoded(id), decoded(secret)),
  },
]

const bySecret = (tokens: readonly AccessServiceToken[], secret: string): AccessServiceToken | undefined =>
  tokens.find(({ secretHash }) => secretHash === hashOf(secret))

const byBoth = (
  tokens: readonly AccessServiceToken[],
  id: string,
  secret: string,
): AccessServiceToken | undefined =>
  tokens.find(({ clientId, secretHash }) => clientId === id && secretHash === hashOf(secret))

function decoded(text: string): string {
  const bare = text.replace(/^"(.*)"$/, '$1')
  try {
    return decodeURIComponent(bare)
  } catch {
    return bare
  }
}

/** The token that a bad pair is taken for under a fault. */
export const lenientToken = (asked: Asked, faults: Faults): AccessServiceToken | undefined =>
  lapses
    .filter(({ fault }) => faults.has(fault))
    .map(({ find }) => find(asked))
    .find((token) => token !== undefined)

/** Credentials of which one half is missing, where a fault makes do with the other. */
export function lenientHalf(id: string | undefined, secret: string | undefined, faults: Faults): Credentials {
  const kept =
    (id && faults.has('access.ignores-token-secret')) || (secret && faults.has('access.secret-is-enough'))
  return kept ? { kind: 'pair', id: id ?? '', secret: secret ?? '' } : { kind: 'malformed' }
}

/** What stands open under a fault. */
const openPath = '/temps'

/** Whether a fault lets a request in that no policy lets in. */
export function lenientAdmission(
  { headers, certificate, target }: AccessRequest,
  { credentials, login, token }: { credentials: Credentials; login: Login; token: unknown },
  faults: Faults,
): boolean {
  const valid = certificate?.valid === true && !certificate.revoked
  const bare = credentials.kind === 'none' && login.kind === 'none'
  if (bare && valid && faults.has('access.certificate-is-enough')) return true
  const badToken = credentials.kind !== 'none' && token === undefined
  if (badToken && valid && faults.has('access.certificate-excuses-bad-token')) return true
  if (faults.has('access.open-path') && target.split('?', 1)[0] === openPath) return true
  return (
    faults.has('access.passes-without-credentials') &&
    bare &&
    certificate === undefined &&
    !/cf.access/i.test(target) &&
    !headers.some(([name]) => /^(?:authorization|cookie|cf[-_].*|x-.*)$/i.test(name))
  )
}

/** The secret of a request, for an answer that should not repeat it. */
export const echoedSecret = ({ headers }: AccessRequest, faults: Faults): Headers =>
  faults.has('access.answers-echo-secret')
    ? headers
        .filter(([name]) => name.toLowerCase() === 'cf-access-client-secret')
        .slice(0, 1)
        .map(([, value]) => ['x-debug-secret', value])
    : []
