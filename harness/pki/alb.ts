/**
 * The two-step openssl recipe of Cloudflare's AWS ALB guide (Authenticated Origin Pulls, "AWS ALB integration"), with the
 * same results: key sizes, validity, extensions in openssl's order and criticality.
 * @module
 */
import { buildCertificate } from './certificate.ts'
import { buildCsr } from './csr.ts'
import {
  authorityKeyIdentifier,
  basicConstraints,
  type Extension,
  subjectKeyIdentifier,
} from './extensions.ts'
import { generateKey, keyIdentifier, keyToEncryptedPem, keyToPem, publicKeyInfo } from './keys.ts'
import { commonName } from './names.ts'
import { toPem } from './pem.ts'

const day = 86_400_000

/** The files of the recipe by name. `rootca.key` is encrypted, `cert.key` is not. */
export type AlbFiles = Record<
  'rootca.key' | 'rootca.crt' | 'cert.key' | 'cert.csr' | 'cert.crt' | 'cert.v3.ext',
  string
>

/** Makes them; the two RSA-4096 keys take seconds. `domain` is the root's common name, `hostname` the leaf's. */
export async function albCertificates(source: {
  hostname: string
  domain: string
  passphrase: string
}): Promise<AlbFiles> {
  const [rootName, leafName] = [commonName(source.domain), commonName(source.hostname)]
  const [rootKey, leafKey] = await Promise.all([generateKey('rsa-4096'), generateKey('rsa-4096')])
  const notBefore = new Date()
  const after = (days: number): Date => new Date(notBefore.getTime() + days * day)
  const rootId = keyIdentifier(publicKeyInfo(rootKey))
  const leafId = keyIdentifier(publicKeyInfo(leafKey))
  const root = buildCertificate({
    subject: rootName,
    issuer: rootName,
    notBefore,
    notAfter: after(1826),
    publicKey: publicKeyInfo(rootKey),
    extensions: [subjectKeyIdentifier(rootId), authorityKeyIdentifier(rootId), basicConstraints(true)],
    signer: rootKey,
  })
  // "basicConstraints=CA:FALSE" in the extension file is not critical.
  const endEntity: Extension = { ...basicConstraints(false), critical: false }
  const leaf = buildCertificate({
    subject: leafName,
    issuer: rootName,
    notBefore,
    notAfter: after(730),
    publicKey: publicKeyInfo(leafKey),
    extensions: [endEntity, subjectKeyIdentifier(leafId), authorityKeyIdentifier(rootId)],
    signer: rootKey,
  })
  return {
    'rootca.key': keyToEncryptedPem(rootKey, source.passphrase),
    'rootca.crt': toPem('CERTIFICATE', root),
    'cert.key': keyToPem(leafKey),
    'cert.csr': buildCsr(leafName, leafKey),
    'cert.crt': toPem('CERTIFICATE', leaf),
    'cert.v3.ext': 'basicConstraints=CA:FALSE\n',
  }
}
