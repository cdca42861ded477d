import assert from 'node:assert/strict'
import { test } from 'node:test'
import { encodeRequest, type Request } from './http1.ts'

const request = (rest: Partial<Request> = {}): Request => ({
  method: 'GET',
  path: '/',
  host: 'api.test',
  headers: [],
  keepAlive: false,
  ...rest,
})
const written = (rest: Partial<Request>): string => encodeRequest(request(rest)).toString('latin1')

test('a request is written byte for byte', () => {
  const expected = [
    'GET / HTTP/1.1',
    'Host: api.test',
    'User-Agent: harness',
    'Accept: */*',
    'Connection: close',
    '',
    '',
  ].join('\r\n')
  assert.equal(written({}), expected)
  assert.match(written({ keepAlive: true }), /\r\nConnection: keep-alive\r\n\r\n$/)
})

test('given headers keep spelling, order and duplicates, and replace what would have been added', () => {
  const headers: [string, string][] = [
    ['cf_CERT_verified', 'true'],
    ['X-B', '1'],
    ['x-a', ' padded '],
    ['X-B', '2'],
    ['hOsT', 'other.test'],
    ['HOST', 'third.test'],
    ['CONNECTION', 'X-Client-Status'],
    ['user-agent', ''],
    ['ACCEPT', 'a/b'],
  ]
  const text = written({ headers })
  const expected = headers.map(([name, value]) => `${name}: ${value}`).join('\r\n')
  assert.equal(text, `GET / HTTP/1.1\r\n${expected}\r\n\r\n`)
})

test('the version is written as given', () => {
  for (const version of ['HTTP/1.0', 'HTTP/1.9', ''])
    assert.match(written({ version }), new RegExp(`^GET / ${version}\\r\\nHost: api.test\\r\\n`))
})

test('method, target and Host are written as given, whatever they are', () => {
  const text = written({ method: 'geT', path: '/a//b/../%2e?x=[]#f', host: 'API.Test.:8443' })
  assert.ok(text.startsWith('geT /a//b/../%2e?x=[]#f HTTP/1.1\r\nHost: API.Test.:8443\r\n'))
})

test('a body gets its length, unless the caller frames it', () => {
  const body = Buffer.from([0, 255, 13, 10])
  const plain = encodeRequest(request({ method: 'POST', body }))
  assert.ok(plain.includes('\r\nContent-Length: 4\r\n'))
  assert.deepEqual(plain.subarray(-4), body)
  const own = written({ body, headers: [['content-length', '99']] })
  assert.equal(own.match(/content-length/gi)?.length, 1)
  const chunked = written({ body, headers: [['Transfer-Encoding', 'chunked']] })
  assert.doesNotMatch(chunked, /content-length/i)
  assert.doesNotMatch(written({}), /content-length/i)
})

test('bytes above 0x7f are one byte each; a character beyond a byte never becomes a line end', () => {
  assert.ok(encodeRequest(request({ path: '/\u00e9' })).includes(Buffer.from([0x2f, 0xe9, 0x20])))
  // U+010D and U+010A, cut to their low byte, would be CR and LF.
  const injected = written({ path: '/\u010d\u010aX-Injected: 1' })
  assert.doesNotMatch(injected, /\r\nX-Injected/)
})
