import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { describe, test } from 'node:test'
import { describeCertificate } from './certificate.ts'
import { nameText, readName } from './dn.ts'
import { certificates } from './testing.ts'

const { serverEc, client, clientCasFile } = certificates()
const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex')

/** A Name of one attribute: commonName unless told otherwise. */
function name(tag: string, value: Buffer, oid = '0603550403'): Buffer {
  const wrap = (type: string, body: Buffer): Buffer =>
    Buffer.concat([hex(type), Buffer.from([body.length]), body])
  return wrap('30', wrap('31', wrap('30', Buffer.concat([hex(oid), wrap(tag, value)]))))
}

describe('names as RFC 4514 text', () => {
  test('the examples of RFC 4514 §4', () => {
    const escaped = name('0c', Buffer.from('James "Jim" Smith, III'))
    assert.equal(nameText(escaped), 'CN=James \\"Jim\\" Smith\\, III')
    assert.equal(nameText(name('0c', hex('4265666f72650d4166746572'))), 'CN=Before\\0DAfter')
    assert.equal(nameText(name('0c', hex('4c75c48d69c487'))), 'CN=Lučić')
    assert.equal(
      nameText(name('04', hex('4869'), '06082b0601040181f449').subarray(0)),
      '1.3.6.1.4.1.31305=#04024869',
    )
    assert.equal(nameText(hex('3000')), '')
  })

  test('several values in one relative name', () => {
    const two = '300c 310a 3008 0603550403 0c0141'.replace('300c 310a', '3016 3114')
    assert.equal(nameText(hex(`${two} 3008 0603550407 0c0142`)), 'CN=A+L=B')
  })

  test('string types', () => {
    assert.equal(nameText(name('13', Buffer.from('plain'))), 'CN=plain')
    assert.equal(nameText(name('14', hex('fc'))), 'CN=ü')
    assert.equal(nameText(name('1e', hex('00fc4f60'))), 'CN=ü你')
    assert.equal(nameText(name('1c', hex('0001f600'))), 'CN=😀')
    // What is not valid in its type is shown as bytes, not as a guess.
    assert.equal(nameText(name('0c', hex('ff'))), 'CN=#0c01ff')
    assert.equal(nameText(name('1c', hex('ffffffff'))), 'CN=#1c04ffffffff')
    assert.equal(nameText(name('1c', hex('00'))), 'CN=#1c0100')
  })

  test('leading, trailing, special', () => {
    assert.equal(nameText(name('0c', Buffer.from(' a '))), 'CN=\\ a\\ ')
    assert.equal(nameText(name('0c', Buffer.from('#+;<>\\'))), 'CN=\\#\\+\\;\\<\\>\\\\')
    // U+202E reorders what follows on a screen.
    assert.equal(nameText(name('0c', hex('e280ae'))), 'CN=\\E2\\80\\AE')
  })

  test('the same text as openssl', () => {
    const print = (...args: string[]): string => execFileSync('openssl', args, { encoding: 'utf8' }).trim()
    const options = ['-noout', '-subject', '-nameopt', 'RFC2253,-esc_msb,utf8']
    for (const file of [serverEc.certFile, client.certFile, clientCasFile]) {
      const der = execFileSync('openssl', ['x509', '-in', file, '-outform', 'DER'])
      assert.equal(`subject=${describeCertificate(der).subject}`, print('x509', '-in', file, ...options))
    }
  })

  test('what is no name says so', () => {
    for (const bytes of [
      hex(''),
      hex('31'),
      hex('3005'),
      hex('30023100ff'),
      hex('3003 310130'),
      Buffer.alloc(500, 0x30),
    ]) {
      assert.match(readName(bytes).text, /^\(not a name: |^$/)
    }
    assert.match(readName(hex('')).text, /not a name/)
    const longOid = Buffer.concat([hex('0681c8'), Buffer.alloc(200, 0x81)])
    assert.match(readName(Buffer.concat([hex('3081d1 3181ce 3081cb'), longOid])).text, /not a name/)
  })
})

describe('certificates', () => {
  test('fingerprint and names as Node reads them', () => {
    const parsed = new X509Certificate(client.cert)
    const read = describeCertificate(parsed.raw)
    assert.equal(read.fingerprint256, parsed.fingerprint256.replaceAll(':', '').toLowerCase())
    assert.deepEqual(
      [read.subject, read.issuer, read.length],
      ['CN=client-001,O=Exa', 'CN=Wire Test Intermediate', parsed.raw.length],
    )
  })

  test('an empty entry, and what is no certificate', () => {
    assert.deepEqual(
      [describeCertificate(Buffer.alloc(0)).subject, describeCertificate(Buffer.alloc(0)).length],
      ['(empty entry)', 0],
    )
    const { raw } = new X509Certificate(client.cert)
    for (let cut = 1; cut < raw.length; cut++) {
      assert.match(describeCertificate(raw.subarray(0, cut)).subject, /^\(not a certificate: /)
    }
  })

  test('a subject made to fill the screen is cut', () => {
    const value = Buffer.alloc(60_000, 0x41)
    const tlv = (tag: number, body: Buffer): Buffer => {
      const head = Buffer.from([tag, 0x83, 0, 0, 0])
      head.writeUIntBE(body.length, 2, 3)
      return Buffer.concat([head, body])
    }
    const long = tlv(0x30, tlv(0x31, tlv(0x30, Buffer.concat([hex('0603550403'), tlv(0x0c, value)]))))
    const short = hex('3000')
    const tbs = tlv(0x30, Buffer.concat([hex('020101'), short, short, short, long]))
    assert.equal(describeCertificate(tlv(0x30, tbs)).subject.length, 1025)
  })
})
