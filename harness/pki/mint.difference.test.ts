import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { createAuthority } from './authority.ts'
import { type CertificateFacts, describeAll } from './describe.ts'
import { createMint, type Mint } from './mint.ts'
import { certificatesIn } from './pem.ts'
import { type DefectId, defectIds, type Identity } from './types.ts'

/**
 * What may differ between a defect and its twin, as `certificate.fact`; `chain` is the number of certificates sent.
 * Serial numbers and fingerprints always differ, except where the very bytes are the defect.
 */
const differences: Record<DefectId, string[]> = {
  'expired-second': ['0.validity'],
  'expired-day': ['0.validity'],
  'expired-years': ['0.validity'],
  'not-yet-valid': ['0.validity'],
  'unknown-ca': ['0.issuer', '0.aki'],
  'unknown-ca-with-root': ['0.issuer', '0.aki', 'chain'],
  'unknown-ca-with-intermediate': ['0.issuer', '0.aki', '1.issuer', '1.aki', '1.subject', '1.ski'],
  'impostor-ca': [],
  'impostor-ca-other-ski': ['0.aki'],
  'impostor-ca-with-root': ['chain'],
  'self-signed': ['0.issuer', '0.aki', '0.selfIssued'],
  'server-auth-only': ['0.eku'],
  'code-signing-only': ['0.eku'],
  'ca-as-leaf': ['0.isCa'],
  'leaf-as-ca': ['1.isCa', '1.keyUsage', '1.eku', '1.san', '1.extensions'],
  'intermediate-without-basic-constraints': ['1.isCa', '1.extensions'],
  'intermediate-without-key-cert-sign': ['1.keyUsage'],
  'path-length-exceeded': ['2.pathLen'],
  'name-constraint-broken': ['0.san'],
  'intermediate-missing': ['chain'],
  'intermediate-expired': ['1.validity'],
  'intermediate-tampered': [],
  'signature-tampered': [],
  'tbs-tampered': [],
  'sha1-signature': ['0.signatureAlgorithm'],
  'rsa-1024': ['0.key', '0.ski'],
  'unknown-critical-extension': ['0.unknownCritical', '0.extensions'],
  revoked: [],
}

const changing: (keyof CertificateFacts)[] = [
  'serial',
  'fingerprint256',
  'fingerprint1',
  'notBefore',
  'notAfter',
  'validFrom',
  'validTo',
]

function factsOf({ cert }: Identity): CertificateFacts[] {
  return describeAll(Buffer.from(cert)).map((description) => {
    assert(description.ok)
    assert.deepEqual(description.facts.problems, [])
    return description.facts
  })
}

/** Times a minute apart are one time: the two were not made in the same instant. */
const differ = (a: string, b: string): boolean => Math.abs(Date.parse(a) - Date.parse(b)) > 60_000

function compare(bad: CertificateFacts[], good: CertificateFacts[]): string[] {
  const found = bad.length === good.length ? [] : ['chain']
  for (const [at, one] of bad.entries()) {
    const other = good[at]
    if (other === undefined) continue
    if (differ(one.validFrom, other.validFrom) || differ(one.validTo, other.validTo))
      found.push(`${at}.validity`)
    const names = Object.keys({ ...one, ...other }) as (keyof CertificateFacts)[]
    for (const name of names.filter((each) => !changing.includes(each))) {
      if (JSON.stringify(one[name]) !== JSON.stringify(other[name])) found.push(`${at}.${name}`)
    }
  }
  return found
}

let mint: Mint
before(async () => {
  const ca = await createAuthority()
  mint = createMint({ authority: ca, crl: Buffer.from(await ca.crl({ revoked: [{ serial: '77' }] })) })
})

for (const id of defectIds) {
  test(`${id} differs from its twin in nothing else`, async () => {
    const [bad, twin] = [factsOf(await mint.get(id)), factsOf(await mint.twin(id))]
    if (id === 'expired-second') {
      const late = Date.now() - Date.parse(bad[0]?.validTo ?? '')
      assert(late >= 1000 && late < 60_000, `notAfter is ${late} ms ago`)
    }
    assert.deepEqual(compare(bad, twin).toSorted(), differences[id].toSorted())
    assert.equal((await mint.get(id)).key === (await mint.twin(id)).key, id !== 'rsa-1024', 'the key')
  })
}

test('the comparison sees a difference', async () => {
  const [valid, other] = [factsOf(await mint.get('valid')), factsOf(await mint.get('valid-other'))]
  assert.deepEqual(compare(valid, other).toSorted(), ['0.san', '0.subject'])
})

test('revoked carries the serial of the CRL', async () => {
  assert.equal(factsOf(await mint.get('revoked'))[0]?.serial, '77')
  assert.notEqual(factsOf(await mint.twin('revoked'))[0]?.serial, '77')
})

test('tampered certificates differ from their twin in one bit', async () => {
  for (const id of ['signature-tampered', 'tbs-tampered', 'intermediate-tampered'] as const) {
    const [bad, good] = [await mint.get(id), await mint.twin(id)].map(({ cert }) =>
      Buffer.concat(certificatesIn(cert)),
    )
    const bits = [...(bad ?? [])].reduce((sum, byte, at) => sum + ones(byte ^ (good?.[at] ?? 0)), 0)
    assert.equal(bits, 1, id)
  }
})

const ones = (byte: number): number => byte.toString(2).replaceAll('0', '').length

test('validity beyond 2049 is a GeneralizedTime', async () => {
  assert.equal(factsOf(await mint.get('valid-long'))[0]?.notAfter, 'Dec 31 23:59:59 9999 GMT')
  assert.equal(factsOf(await mint.get('valid-2050'))[0]?.notAfter, 'Jan  1 00:00:00 2050 GMT')
})
