/**
 * Cipher suites: IANA names by code, and what a name says about keys and records (RFC 5246 appendix C, RFC 8446 appendix B.4).
 * @module
 */
import { unnamed } from './names.ts'

// Code and name without `TLS_`: everything OpenSSL may negotiate, and what is often offered beside it.
const table = `
0001 RSA_WITH_NULL_MD5  0002 RSA_WITH_NULL_SHA
0004 RSA_WITH_RC4_128_MD5  0005 RSA_WITH_RC4_128_SHA
000a RSA_WITH_3DES_EDE_CBC_SHA  0016 DHE_RSA_WITH_3DES_EDE_CBC_SHA
001b DH_anon_WITH_3DES_EDE_CBC_SHA  002c PSK_WITH_NULL_SHA
002d DHE_PSK_WITH_NULL_SHA  002e RSA_PSK_WITH_NULL_SHA
002f RSA_WITH_AES_128_CBC_SHA  0032 DHE_DSS_WITH_AES_128_CBC_SHA
0033 DHE_RSA_WITH_AES_128_CBC_SHA  0034 DH_anon_WITH_AES_128_CBC_SHA
0035 RSA_WITH_AES_256_CBC_SHA  0038 DHE_DSS_WITH_AES_256_CBC_SHA
0039 DHE_RSA_WITH_AES_256_CBC_SHA  003a DH_anon_WITH_AES_256_CBC_SHA
003b RSA_WITH_NULL_SHA256  003c RSA_WITH_AES_128_CBC_SHA256
003d RSA_WITH_AES_256_CBC_SHA256  0040 DHE_DSS_WITH_AES_128_CBC_SHA256
0041 RSA_WITH_CAMELLIA_128_CBC_SHA  0044 DHE_DSS_WITH_CAMELLIA_128_CBC_SHA
0045 DHE_RSA_WITH_CAMELLIA_128_CBC_SHA  0046 DH_anon_WITH_CAMELLIA_128_CBC_SHA
0067 DHE_RSA_WITH_AES_128_CBC_SHA256  006a DHE_DSS_WITH_AES_256_CBC_SHA256
006b DHE_RSA_WITH_AES_256_CBC_SHA256  006c DH_anon_WITH_AES_128_CBC_SHA256
006d DH_anon_WITH_AES_256_CBC_SHA256  0084 RSA_WITH_CAMELLIA_256_CBC_SHA
0087 DHE_DSS_WITH_CAMELLIA_256_CBC_SHA  0088 DHE_RSA_WITH_CAMELLIA_256_CBC_SHA
0089 DH_anon_WITH_CAMELLIA_256_CBC_SHA  008c PSK_WITH_AES_128_CBC_SHA
008d PSK_WITH_AES_256_CBC_SHA  0090 DHE_PSK_WITH_AES_128_CBC_SHA
0091 DHE_PSK_WITH_AES_256_CBC_SHA  0094 RSA_PSK_WITH_AES_128_CBC_SHA
0095 RSA_PSK_WITH_AES_256_CBC_SHA  009c RSA_WITH_AES_128_GCM_SHA256
009d RSA_WITH_AES_256_GCM_SHA384  009e DHE_RSA_WITH_AES_128_GCM_SHA256
009f DHE_RSA_WITH_AES_256_GCM_SHA384  00a2 DHE_DSS_WITH_AES_128_GCM_SHA256
00a3 DHE_DSS_WITH_AES_256_GCM_SHA384  00a6 DH_anon_WITH_AES_128_GCM_SHA256
00a7 DH_anon_WITH_AES_256_GCM_SHA384  00a8 PSK_WITH_AES_128_GCM_SHA256
00a9 PSK_WITH_AES_256_GCM_SHA384  00aa DHE_PSK_WITH_AES_128_GCM_SHA256
00ab DHE_PSK_WITH_AES_256_GCM_SHA384  00ac RSA_PSK_WITH_AES_128_GCM_SHA256
00ad RSA_PSK_WITH_AES_256_GCM_SHA384  00ae PSK_WITH_AES_128_CBC_SHA256
00af PSK_WITH_AES_256_CBC_SHA384  00b0 PSK_WITH_NULL_SHA256
00b1 PSK_WITH_NULL_SHA384  00b2 DHE_PSK_WITH_AES_128_CBC_SHA256
00b3 DHE_PSK_WITH_AES_256_CBC_SHA384  00b4 DHE_PSK_WITH_NULL_SHA256
00b5 DHE_PSK_WITH_NULL_SHA384  00b6 RSA_PSK_WITH_AES_128_CBC_SHA256
00b7 RSA_PSK_WITH_AES_256_CBC_SHA384  00b8 RSA_PSK_WITH_NULL_SHA256
00b9 RSA_PSK_WITH_NULL_SHA384  00ba RSA_WITH_CAMELLIA_128_CBC_SHA256
00bd DHE_DSS_WITH_CAMELLIA_128_CBC_SHA256  00be DHE_RSA_WITH_CAMELLIA_128_CBC_SHA256
00bf DH_anon_WITH_CAMELLIA_128_CBC_SHA256  00c0 RSA_WITH_CAMELLIA_256_CBC_SHA256
00c3 DHE_DSS_WITH_CAMELLIA_256_CBC_SHA256  00c4 DHE_RSA_WITH_CAMELLIA_256_CBC_SHA256
00c5 DH_anon_WITH_CAMELLIA_256_CBC_SHA256  00c6 SM4_GCM_SM3
00c7 SM4_CCM_SM3  00ff EMPTY_RENEGOTIATION_INFO_SCSV
1301 AES_128_GCM_SHA256  1302 AES_256_GCM_SHA384
1303 CHACHA20_POLY1305_SHA256  1304 AES_128_CCM_SHA256
1305 AES_128_CCM_8_SHA256  5600 FALLBACK_SCSV
c006 ECDHE_ECDSA_WITH_NULL_SHA  c007 ECDHE_ECDSA_WITH_RC4_128_SHA
c008 ECDHE_ECDSA_WITH_3DES_EDE_CBC_SHA  c009 ECDHE_ECDSA_WITH_AES_128_CBC_SHA
c00a ECDHE_ECDSA_WITH_AES_256_CBC_SHA  c010 ECDHE_RSA_WITH_NULL_SHA
c011 ECDHE_RSA_WITH_RC4_128_SHA  c012 ECDHE_RSA_WITH_3DES_EDE_CBC_SHA
c013 ECDHE_RSA_WITH_AES_128_CBC_SHA  c014 ECDHE_RSA_WITH_AES_256_CBC_SHA
c015 ECDH_anon_WITH_NULL_SHA  c017 ECDH_anon_WITH_3DES_EDE_CBC_SHA
c018 ECDH_anon_WITH_AES_128_CBC_SHA  c019 ECDH_anon_WITH_AES_256_CBC_SHA
c01d SRP_SHA_WITH_AES_128_CBC_SHA  c01e SRP_SHA_RSA_WITH_AES_128_CBC_SHA
c01f SRP_SHA_DSS_WITH_AES_128_CBC_SHA  c020 SRP_SHA_WITH_AES_256_CBC_SHA
c021 SRP_SHA_RSA_WITH_AES_256_CBC_SHA  c022 SRP_SHA_DSS_WITH_AES_256_CBC_SHA
c023 ECDHE_ECDSA_WITH_AES_128_CBC_SHA256  c024 ECDHE_ECDSA_WITH_AES_256_CBC_SHA384
c027 ECDHE_RSA_WITH_AES_128_CBC_SHA256  c028 ECDHE_RSA_WITH_AES_256_CBC_SHA384
c02b ECDHE_ECDSA_WITH_AES_128_GCM_SHA256  c02c ECDHE_ECDSA_WITH_AES_256_GCM_SHA384
c02f ECDHE_RSA_WITH_AES_128_GCM_SHA256  c030 ECDHE_RSA_WITH_AES_256_GCM_SHA384
c035 ECDHE_PSK_WITH_AES_128_CBC_SHA  c036 ECDHE_PSK_WITH_AES_256_CBC_SHA
c037 ECDHE_PSK_WITH_AES_128_CBC_SHA256  c038 ECDHE_PSK_WITH_AES_256_CBC_SHA384
c039 ECDHE_PSK_WITH_NULL_SHA  c03a ECDHE_PSK_WITH_NULL_SHA256
c03b ECDHE_PSK_WITH_NULL_SHA384  c050 RSA_WITH_ARIA_128_GCM_SHA256
c051 RSA_WITH_ARIA_256_GCM_SHA384  c052 DHE_RSA_WITH_ARIA_128_GCM_SHA256
c053 DHE_RSA_WITH_ARIA_256_GCM_SHA384  c056 DHE_DSS_WITH_ARIA_128_GCM_SHA256
c057 DHE_DSS_WITH_ARIA_256_GCM_SHA384  c05c ECDHE_ECDSA_WITH_ARIA_128_GCM_SHA256
c05d ECDHE_ECDSA_WITH_ARIA_256_GCM_SHA384  c060 ECDHE_RSA_WITH_ARIA_128_GCM_SHA256
c061 ECDHE_RSA_WITH_ARIA_256_GCM_SHA384  c06a PSK_WITH_ARIA_128_GCM_SHA256
c06b PSK_WITH_ARIA_256_GCM_SHA384  c06c DHE_PSK_WITH_ARIA_128_GCM_SHA256
c06d DHE_PSK_WITH_ARIA_256_GCM_SHA384  c06e RSA_PSK_WITH_ARIA_128_GCM_SHA256
c06f RSA_PSK_WITH_ARIA_256_GCM_SHA384  c072 ECDHE_ECDSA_WITH_CAMELLIA_128_CBC_SHA256
c073 ECDHE_ECDSA_WITH_CAMELLIA_256_CBC_SHA384  c076 ECDHE_RSA_WITH_CAMELLIA_128_CBC_SHA256
c077 ECDHE_RSA_WITH_CAMELLIA_256_CBC_SHA384  c094 PSK_WITH_CAMELLIA_128_CBC_SHA256
c095 PSK_WITH_CAMELLIA_256_CBC_SHA384  c096 DHE_PSK_WITH_CAMELLIA_128_CBC_SHA256
c097 DHE_PSK_WITH_CAMELLIA_256_CBC_SHA384  c098 RSA_PSK_WITH_CAMELLIA_128_CBC_SHA256
c099 RSA_PSK_WITH_CAMELLIA_256_CBC_SHA384  c09a ECDHE_PSK_WITH_CAMELLIA_128_CBC_SHA256
c09b ECDHE_PSK_WITH_CAMELLIA_256_CBC_SHA384  c09c RSA_WITH_AES_128_CCM
c09d RSA_WITH_AES_256_CCM  c09e DHE_RSA_WITH_AES_128_CCM
c09f DHE_RSA_WITH_AES_256_CCM  c0a0 RSA_WITH_AES_128_CCM_8
c0a1 RSA_WITH_AES_256_CCM_8  c0a2 DHE_RSA_WITH_AES_128_CCM_8
c0a3 DHE_RSA_WITH_AES_256_CCM_8  c0a4 PSK_WITH_AES_128_CCM
c0a5 PSK_WITH_AES_256_CCM  c0a6 DHE_PSK_WITH_AES_128_CCM
c0a7 DHE_PSK_WITH_AES_256_CCM  c0a8 PSK_WITH_AES_128_CCM_8
c0a9 PSK_WITH_AES_256_CCM_8  c0aa PSK_DHE_WITH_AES_128_CCM_8
c0ab PSK_DHE_WITH_AES_256_CCM_8  c0ac ECDHE_ECDSA_WITH_AES_128_CCM
c0ad ECDHE_ECDSA_WITH_AES_256_CCM  c0ae ECDHE_ECDSA_WITH_AES_128_CCM_8
c0af ECDHE_ECDSA_WITH_AES_256_CCM_8  cca8 ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256
cca9 ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256  ccaa DHE_RSA_WITH_CHACHA20_POLY1305_SHA256
ccab PSK_WITH_CHACHA20_POLY1305_SHA256  ccac ECDHE_PSK_WITH_CHACHA20_POLY1305_SHA256
ccad DHE_PSK_WITH_CHACHA20_POLY1305_SHA256  ccae RSA_PSK_WITH_CHACHA20_POLY1305_SHA256
d001 ECDHE_PSK_WITH_AES_128_GCM_SHA256  d002 ECDHE_PSK_WITH_AES_256_GCM_SHA384
d003 ECDHE_PSK_WITH_AES_128_CCM_8_SHA256  d005 ECDHE_PSK_WITH_AES_128_CCM_SHA256
`

const names = new Map<number, string>(
  Array.from(table.matchAll(/([0-9a-f]{4}) (\S+)/g), ([, code = '', name = '']) => [
    Number.parseInt(code, 16),
    `TLS_${name}`,
  ]),
)

/** How records of a suite are protected. */
export type Protection = 'gcm' | 'ccm' | 'chacha20-poly1305' | 'cbc' | 'null'

/** What is needed to derive the keys of a cipher suite and to open its records. Lengths in bytes. */
export interface Suite {
  code: number
  name: string
  protection: Protection
  /** Name of the cipher in `node:crypto`; empty for `null`. */
  cipher: string
  /** Hash of the key schedule: the TLS 1.2 PRF, the TLS 1.3 HKDF. */
  hash: 'sha256' | 'sha384'
  keyLength: number
  /** AEAD tag. */
  tagLength: number
  /** AEAD: the part of the nonce that is derived. CBC: not derived in TLS 1.2, sent with each record. */
  ivLength: number
  /** CBC and null: HMAC hash and its length. */
  mac: 'md5' | 'sha1' | 'sha256' | 'sha384' | undefined
  macLength: number
}

/** IANA name, e.g. `TLS_AES_128_GCM_SHA256`; GREASE (RFC 8701) as such; unknown ones as `0x1234`. */
export function suiteName(code: number): string {
  return names.get(code) ?? unnamed(code)
}

const macs = { MD5: ['md5', 16], SHA: ['sha1', 20], SHA256: ['sha256', 32], SHA384: ['sha384', 48] } as const

/** The parameters of a suite, or undefined where this reader does not know how to open its records. */
export function suite(code: number): Suite | undefined {
  const name = names.get(code)
  if (name === undefined) return undefined
  // `TLS_<key exchange>_WITH_<cipher>_<hash>` in 1.2, `TLS_<cipher>_<hash>` in 1.3.
  const [, bulk, suffix] = /^TLS_(?:\w+_WITH_)?(.+?)(?:_(MD5|SHA|SHA256|SHA384))?$/.exec(name) ?? []
  if (bulk === undefined) return undefined
  const base = { code, name, hash: suffix === 'SHA384' ? 'sha384' : 'sha256' } as const
  const aead = { ...base, mac: undefined, macLength: 0, tagLength: 16, ivLength: 4 }
  if (bulk === 'CHACHA20_POLY1305') {
    return {
      ...aead,
      protection: 'chacha20-poly1305',
      cipher: 'chacha20-poly1305',
      keyLength: 32,
      ivLength: 12,
    }
  }
  const [, family, bits, mode] = /^(AES|ARIA|CAMELLIA)_(128|256)_(GCM|CCM|CCM_8|CBC)$/.exec(bulk) ?? []
  if (family !== undefined && mode !== undefined && mode !== 'CBC') {
    const protection = mode === 'GCM' ? 'gcm' : 'ccm'
    const cipher = `${family}-${bits}-${protection}`.toLowerCase()
    return { ...aead, protection, cipher, keyLength: Number(bits) / 8, tagLength: mode === 'CCM_8' ? 8 : 16 }
  }
  if (suffix === undefined) return undefined
  const [mac, macLength] = macs[suffix as keyof typeof macs]
  const classic = { ...base, mac, macLength, tagLength: 0, ivLength: 0 }
  if (family !== undefined) {
    return {
      ...classic,
      protection: 'cbc',
      cipher: `${family}-${bits}-cbc`.toLowerCase(),
      keyLength: Number(bits) / 8,
    }
  }
  if (bulk === '3DES_EDE_CBC') return { ...classic, protection: 'cbc', cipher: 'des-ede3-cbc', keyLength: 24 }
  if (bulk === 'NULL') return { ...classic, protection: 'null', cipher: '', keyLength: 0 }
  return undefined
}

/** A suite of TLS 1.3: they are the ones with codes 0x13xx. */
export const isSuite13 = (code: number): boolean => code >> 8 === 0x13

const codes = new Map([...names].map(([code, name]) => [name, code]))

/** Code of an IANA name. Throws RangeError where there is none: names are written by us. */
export function suiteCode(name: string): number {
  const code = codes.get(name)
  if (code === undefined) throw new RangeError(`no cipher suite ${name}`)
  return code
}
