/**
 * Writes PKCS#12 (RFC 7292) with any key that `node:crypto` knows: AES-256-CBC, PBKDF2 and an HMAC-SHA-256 MAC, as
 * openssl 3 does by default.
 * @module
 */
import { createHash, createHmac, randomBytes } from 'node:crypto'
import { HarnessError } from '../../errors.ts'
import {
  bmpString,
  constructed,
  integer,
  nullValue,
  octetString,
  oid,
  primitive,
  sequence,
  setOf,
} from '../der/write.ts'
import { loadIdentity } from '../identity.ts'
import { readPrivateKey } from '../keys.ts'
import { certificatesIn } from '../pem.ts'
import { encryptPbes2 } from './encryption.ts'
import { structureOids } from './import.ts'
import { bmpPassphrase, derive, kdfPurpose } from './kdf.ts'

/** Rounds of key derivation: what Java's keytool writes; readers do it in milliseconds. */
const iterations = 10_000

/** What goes into the file. */
export interface Pkcs12Source {
  /** PEM, leaf first. */
  cert: string
  /** PEM, unencrypted. */
  key: string
  /** Not empty: some readers cannot open a file without one. */
  passphrase: string
  /** How key stores list the entry. */
  friendlyName?: string
}

/**
 * A PKCS#12 file.
 * @throws HarnessError ERR_CERTIFICATE or ERR_PRIVATE_KEY when the parts cannot be read or do not match,
 *   ERR_PASSPHRASE when the passphrase is empty.
 */
export function exportPkcs12(source: Pkcs12Source): Buffer {
  if (source.passphrase === '')
    throw new HarnessError('ERR_PASSPHRASE', 'a PKCS#12 file needs a passphrase that is not empty')
  loadIdentity({ name: 'export', cert: source.cert, key: source.key })
  const certificates = certificatesIn(source.cert)
  const attributes = entryAttributes(certificates[0] ?? Buffer.alloc(0), source.friendlyName)
  const certificateBags = certificates.map((der, at) =>
    sequence(
      oid(structureOids.certBag),
      constructed(0, sequence(oid(structureOids.x509Certificate), constructed(0, octetString(der)))),
      ...(at === 0 ? [attributes] : []),
    ),
  )
  const pkcs8 = readPrivateKey(source.key).export({ type: 'pkcs8', format: 'der' })
  const shrouded = encryptPbes2(pkcs8, source.passphrase, iterations)
  const keyBag = sequence(
    oid(structureOids.shroudedKeyBag),
    constructed(0, sequence(shrouded.algorithm, octetString(shrouded.encrypted))),
    attributes,
  )
  const safe = sequence(
    encryptedPart(sequence(...certificateBags), source.passphrase),
    plainPart(sequence(keyBag)),
  )
  return sequence(integer(3), plainPart(safe), macData(safe, source.passphrase))
}

const plainPart = (content: Buffer): Buffer =>
  sequence(oid(structureOids.data), constructed(0, octetString(content)))

function encryptedPart(content: Buffer, passphrase: string): Buffer {
  const { algorithm, encrypted } = encryptPbes2(content, passphrase, iterations)
  const info = sequence(oid(structureOids.data), algorithm, primitive(0, encrypted))
  return sequence(oid(structureOids.encryptedData), constructed(0, sequence(integer(0), info)))
}

/** localKeyID ties key and certificate together (RFC 2985 §5.5.2); friendlyName is for people (§5.5.1). */
function entryAttributes(leaf: Buffer, friendlyName: string | undefined): Buffer {
  const keyId = createHash('sha1').update(leaf).digest()
  const attributes = [sequence(oid('1.2.840.113549.1.9.21'), setOf(octetString(keyId)))]
  if (friendlyName !== undefined)
    attributes.push(sequence(oid('1.2.840.113549.1.9.20'), setOf(bmpString(friendlyName))))
  return setOf(...attributes)
}

function macData(content: Buffer, passphrase: string): Buffer {
  const salt = randomBytes(16)
  const key = derive('sha256', bmpPassphrase(passphrase), salt, kdfPurpose.mac, iterations, 32)
  const digest = createHmac('sha256', key).update(content).digest()
  const algorithm = sequence(oid('2.16.840.1.101.3.4.2.1'), nullValue)
  return sequence(sequence(algorithm, octetString(digest)), octetString(salt), integer(iterations))
}
