/**
 * Which hostnames an account or zone may name.
 * @module
 */
import type { ApiContext } from '../context.ts'
import { type Owner, zonesOf } from './scope.ts'

/** Whether a hostname, in lower case, lies in the zone, or in one of the account's zones. `*` may stand in front. */
export const isOwnHostname = (context: ApiContext, owner: Owner, hostname: string): boolean =>
  (owner.zone === undefined ? zonesOf(context, owner.account) : [owner.zone]).some(
    ({ name }) => hostname === name || hostname.endsWith(`.${name}`) || isStarredApex(hostname, name),
  )

/** `*example.com`, which covers `example.com`: documented for subdomains (`*test.example.com`). */
const isStarredApex = (hostname: string, zone: string): boolean => hostname === `*${zone}`
