/**
 * What a request shows by itself.
 * @module
 */
import type { AccessServiceToken } from '../state/access-types.ts'
import { commonNameOf } from './common-name.ts'
import type { AccessContext } from './context.ts'
import type { Facts } from './selectors.ts'
import type { AccessRequest } from './types.ts'

/** Address, country, certificate and service token of a request, for the rules. */
export function factsOf(
  request: AccessRequest,
  hostname: string,
  serviceToken: AccessServiceToken | undefined,
  context: AccessContext,
): Facts {
  return {
    remoteAddress: request.remoteAddress,
    country: context.countryOf(request.remoteAddress),
    certificate: certificateOf(request, hostname, context),
    serviceToken,
  }
}

/** Only a valid certificate of a client CA of Access that is associated with this hostname counts. */
function certificateOf(
  { certificate }: AccessRequest,
  hostname: string,
  { directory, faults }: AccessContext,
): Facts['certificate'] {
  if (certificate === undefined) return undefined
  const { valid, revoked, anchor, facts } = certificate
  const good = (valid && !revoked) || faults.has('access.takes-invalid-certificate')
  const known = anchor !== undefined && directory.anchors(hostname).has(anchor)
  const anyCa = anchor !== undefined && faults.has('access.certificate-of-any-ca')
  if (!good || !(known || anyCa)) return undefined
  const { rfc4514: subject } = facts.subject
  const alternative = [...facts.san.dns, ...facts.san.email]
  return { commonName: commonNameOf(subject), subject, alternative }
}
