/**
 * Who asks: the credential of a request, and what it may do.
 * @module
 */
import { timingSafeEqual } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import { hashOf } from '../state/ids.ts'
import type { AccountState, ApiCredential, LabState } from '../state/types.ts'
import { ApiError } from './errors.ts'

/** b64token of RFC 6750 §2.1. */
const bearer = /^Bearer +([A-Za-z0-9._~+/-]+=*)$/i
const email = /^[^\s@]+@[^\s@]+$/
/** Real global keys are 37 characters; newer ones may be longer. */
const key = /^[A-Za-z0-9_-]{16,128}$/

/**
 * The credential that the headers name, whatever its status.
 * `Authorization` wins where both are there.
 * @throws ApiError 400 for missing or malformed headers, 401 / 10000 where nobody has this credential.
 */
export function identify(headers: IncomingHttpHeaders, state: LabState): ApiCredential {
  const { authorization } = headers
  if (authorization !== undefined) {
    const token = bearer.exec(authorization)?.[1]
    if (token === undefined)
      throw malformed({ code: 6111, message: 'Invalid format for Authorization header' })
    return find(state, 'token', token) ?? unknown()
  }
  const mail = headers['x-auth-email']
  const secret = headers['x-auth-key']
  if (mail === undefined && secret === undefined) {
    throw new ApiError(400, 9106, 'Missing X-Auth-Key, X-Auth-Email or Authorization headers')
  }
  const wrong = [
    ...(typeof mail === 'string' && email.test(mail)
      ? []
      : [{ code: 6102, message: 'Invalid format for X-Auth-Email header' }]),
    ...(typeof secret === 'string' && key.test(secret)
      ? []
      : [{ code: 6103, message: 'Invalid format for X-Auth-Key header' }]),
  ]
  if (wrong.length > 0) throw malformed(...wrong)
  const found = find(state, 'key', String(secret))
  return found?.email?.toLowerCase() === String(mail).toLowerCase() ? found : unknown()
}

/** Whether a credential may see an account. */
export const maySee = ({ accounts }: ApiCredential, { id }: Pick<AccountState, 'id'>): boolean =>
  accounts === undefined || accounts.includes(id)

/** Refused, though the credential may be good for something else. */
export const authenticationError = (status: 401 | 403): ApiError =>
  new ApiError(status, 10_000, 'Authentication error')

const unknown = (): never => {
  throw authenticationError(401)
}

const malformed = (...chain: { code: number; message: string }[]): ApiError =>
  new ApiError(400, 6003, 'Invalid request headers', {}, chain)

/** Every credential is compared, each in constant time: the time says nothing about which came close. */
function find(state: LabState, kind: ApiCredential['kind'], secret: string): ApiCredential | undefined {
  const wanted = Buffer.from(hashOf(secret), 'hex')
  let found: ApiCredential | undefined
  for (const candidate of Object.values(state.credentials)) {
    const hash = Buffer.from(candidate.hash, 'hex')
    if (hash.length === wanted.length && timingSafeEqual(hash, wanted) && candidate.kind === kind)
      found = candidate
  }
  return found
}
