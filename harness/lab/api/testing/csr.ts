/**
 * Signing requests for tests.
 * @module
 */
import { buildCsr } from '../../../pki/csr.ts'
import { generateKey } from '../../../pki/keys.ts'
import { encodeName } from '../../../pki/names.ts'
import type { KeyAlgorithm } from '../../../pki/types.ts'

/** A CSR with a fresh key; `key` is PKCS#8 PEM. */
export async function makeCsr(
  subject = 'CN=device-1,OU=Devices,O=Example,L=Lisbon,ST=Lisboa,C=PT',
  algorithm: KeyAlgorithm = 'ecdsa-p256',
): Promise<{ csr: string; key: string }> {
  const key = await generateKey(algorithm)
  return {
    csr: buildCsr(encodeName(subject), key),
    key: key.export({ type: 'pkcs8', format: 'pem' }).toString(),
  }
}
