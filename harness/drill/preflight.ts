/**
 * Whether a drill may begin: from the state it needs, and only where it could come back to it.
 * @module
 */
import { HarnessError } from '../errors.ts'
import type { Identity } from '../pki/types.ts'
import type { TouchedState } from './repairs.ts'
import type { Order, Slot } from './types.ts'

const killed =
  'where an earlier drill was killed, harness drill restore <its export> goes back to the state before it (drill-export.json or drill-<order>-export.json in its --out folder, harness-rollback-export.json beside the deployment file)'

/** @throws HarnessError ERR_USAGE with what is in the way. Nothing has been changed then. */
export function checkStart(
  order: Order,
  { association, certificates = {}, access }: TouchedState,
  identities: Partial<Record<Slot, Identity>>,
): void {
  const refuse = (message: string, hint: string): HarnessError =>
    new HarnessError('ERR_USAGE', `the drill “${order.name}” does not begin: ${message}`, { hint })
  if (order.kind === 'service-token') {
    if (Object.values(access ?? {}).some((id) => id !== null))
      throw refuse(
        'objects of an earlier drill are there',
        'delete them first: their name begins with “harness drill”',
      )
    return
  }
  const first = certificates.first ?? null
  if (order.live === true) {
    if (association === null || association === undefined || !association.enabled)
      throw refuse(
        'the hostname is not protected: it has no association that is on',
        'take another order, such as right',
      )
    if (identities.first === undefined || first === null || first.id !== association.certId)
      throw refuse(
        'it could not be restored. The private key of the certificate that the hostname is associated with cannot be read back from the API, and is not given',
        'give certificate and key as origin.identity in the deployment file',
      )
    return
  }
  if (association !== null && association !== undefined)
    throw refuse(
      'the hostname has an association already',
      `${killed}; else the order live takes a protected hostname off and on again`,
    )
  if (Object.values(certificates).some((one) => one !== null))
    throw refuse(
      'its certificate is uploaded already',
      `${killed}; else delete it first, or give another one as origin.identity in the deployment file`,
    )
}
