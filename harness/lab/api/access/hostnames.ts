/**
 * Which hostnames an account or zone may name.
 * @module
 */
import type { ApiContext } from '../context.ts'
import { type Owner, zonesOf } from './scope.ts'

/** Whether a text, in lower case, is a hostname of the zone, or of one of the account's zones. */
export const isOwnHostname = (context: ApiContext, owner: Owner, hostname: string): boolean =>
  /^[a-z0-9_-]+(\.[a-z0-9_-]+)*$/.test(hostname) &&
  (owner.zone === undefined ? zonesOf(context, owner.account) : [owner.zone]).some(
    ({ name }) => hostname === name || hostname.endsWith(`.${name}`),
  )
