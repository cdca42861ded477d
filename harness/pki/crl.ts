/**
 * Certificate revocation lists (RFC 5280 §5): signing them, and reading which serials they hold.
 * @module
 */
import type { KeyObject } from 'node:crypto'
import { HarnessError } from '../errors.ts'
import {
  children,
  DerError,
  type DerNode,
  expectTag,
  readIntegerHex,
  readTime,
  readWhole,
} from './der/read.ts'
import { bitString, constructed, integer, sequence, time } from './der/write.ts'
import { authorityKeyIdentifier, encodeExtension } from './extensions.ts'
import { extensionOids } from './oids.ts'
import { pemBlocks } from './pem.ts'
import { type SignatureHash, signerFor } from './signature.ts'

/** What a CRL says. */
export interface CrlOptions {
  /** `serial` in hex; `date` defaults to `thisUpdate`. */
  revoked: { serial: string; date?: Date }[]
  /** Default: one hour ago, for clocks that differ. */
  thisUpdate?: Date
  /** Default: seven days from now. */
  nextUpdate?: Date
  /** CRL number; default: the milliseconds of `thisUpdate`, which grows. */
  number?: number
}

/** DER of a v2 CRL, signed by an authority with that name and key identifier. */
export function buildCrl(
  issuer: { subject: Buffer; ski: Buffer; key: KeyObject; hash?: SignatureHash },
  options: CrlOptions,
): Buffer {
  const signer = signerFor(issuer.key, issuer.hash)
  const thisUpdate = options.thisUpdate ?? new Date(Date.now() - 3_600_000)
  const nextUpdate = options.nextUpdate ?? new Date(Date.now() + 7 * 86_400_000)
  const entries = options.revoked.map(({ serial, date }) =>
    sequence(integer(checkedSerial(serial)), time(date ?? thisUpdate)),
  )
  const number = {
    oid: extensionOids.crlNumber,
    critical: false,
    value: integer(options.number ?? thisUpdate.getTime()),
  }
  const tbs = sequence(
    integer(1),
    signer.algorithm,
    issuer.subject,
    time(thisUpdate),
    time(nextUpdate),
    ...(entries.length === 0 ? [] : [sequence(...entries)]),
    constructed(0, sequence(encodeExtension(authorityKeyIdentifier(issuer.ski)), encodeExtension(number))),
  )
  return sequence(tbs, signer.algorithm, bitString(signer.sign(tbs)))
}

/** Upper-case hex of a serial as people write it (`0x`, colons, blanks allowed). @throws HarnessError ERR_USAGE. */
export function checkedSerial(serial: string): string {
  const hex = serial.replace(/^0x/i, '').replace(/[:\s]/g, '').toUpperCase()
  if (!/^[0-9A-F]{1,40}$/.test(hex)) {
    throw new HarnessError('ERR_USAGE', `"${serial}" is not a serial number in hex (at most 20 bytes)`)
  }
  return hex
}

/** A CRL, read. */
export interface CrlFacts {
  /** DER of the issuer's name. */
  issuer: Buffer
  thisUpdate: Date
  nextUpdate: Date | undefined
  /** Upper-case hex. */
  revoked: { serial: string; date: Date }[]
}

/**
 * Reads a CRL, PEM or DER.
 * @throws HarnessError ERR_CERTIFICATE when it is none.
 */
export function readCrl(input: Buffer): CrlFacts {
  const block = pemBlocks(input.toString('latin1')).find(({ label }) => label === 'X509 CRL')
  try {
    const [tbs] = children(readWhole(block?.der ?? input))
    const fields = children(expectTag(tbs, 0x30))
    if (fields[0]?.tag === 0x02) fields.shift()
    const [, issuer, thisUpdate, ...rest] = fields
    const nextUpdate = isTime(rest[0]) ? readTime(rest.shift()) : undefined
    const list = rest[0]?.tag === 0x30 ? children(rest[0]) : []
    return {
      issuer: expectTag(issuer, 0x30).raw,
      thisUpdate: readTime(thisUpdate),
      nextUpdate,
      revoked: list.map((entry) => {
        const [serial, date] = children(entry)
        return { serial: readIntegerHex(serial), date: readTime(date) }
      }),
    }
  } catch (cause) {
    if (!(cause instanceof DerError)) throw cause
    throw new HarnessError('ERR_CERTIFICATE', `the CRL cannot be read: ${cause.message}`, {
      hint: 'it must be a CRL in PEM or DER; look at it with: openssl crl -in <file> -noout -text',
      cause,
    })
  }
}

const isTime = (node: DerNode | undefined): boolean => node?.tag === 0x17 || node?.tag === 0x18
