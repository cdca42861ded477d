/**
 * Devices that ask a managed CA for a certificate.
 * @module
 */
import { buildCsr } from '../../pki/csr.ts'
import { generateKey, keyToPem } from '../../pki/keys.ts'
import { encodeName } from '../../pki/names.ts'
import type { ScenarioContext } from './context.ts'
import type { Certificate } from './http.ts'
import { idOf } from './refused.ts'
import { eventually, type Undo } from './steps.ts'

/** A device with its certificate. */
export interface Device extends Certificate {
  id: string
  /** Ends the certificate, and waits until that is done. Gives the status. */
  revoke(): Promise<string>
}

/** Makes a key, has the managed CA of the zone issue a certificate for it. It is revoked in the end: nothing is ever deleted. */
export async function enrol(
  { sdk }: ScenarioContext,
  zone: { zone_id: string },
  subject: string,
  undo: Undo,
): Promise<Device> {
  const key = await generateKey('ecdsa-p256')
  const csr = buildCsr(encodeName(subject), key)
  const made = await sdk.clientCertificates.create({ ...zone, csr, validity_days: 90 })
  const id = idOf(made)
  if (made.certificate === undefined) throw new Error('the API gave no certificate')
  let revoked = false
  const revoke = async (): Promise<string> => {
    await sdk.clientCertificates.delete(id, zone)
    revoked = true
    const status = async (): Promise<string> => (await sdk.clientCertificates.get(id, zone)).status ?? ''
    return eventually(status, (one) => one === 'revoked')
  }
  undo(async () => revoked || (await revoke()))
  return { id, cert: made.certificate, key: keyToPem(key), revoke }
}
