import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { answer, one, read } from '../../fixtures/hostile/read-answers.ts'
import type { HttpAnswer } from './types.ts'

const good: [what: string, text: string, expected: Partial<HttpAnswer> & { text: string }, head?: boolean][] =
  [
    [
      'content-length',
      'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello',
      { status: 200, version: '1.1', text: 'hello', truncated: false },
    ],
    [
      'content-length 0',
      'HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n',
      { status: 403, text: '', truncated: false },
    ],
    [
      'until close',
      'HTTP/1.0 200 OK\r\n\r\nhello',
      { status: 200, version: '1.0', text: 'hello', truncated: false },
    ],
    ['no reason', 'HTTP/1.1 204\r\n\r\n', { status: 204, text: '', truncated: false }],
    [
      'empty reason',
      'HTTP/1.1 404 \r\nContent-Length: 1\r\n\r\nx',
      { status: 404, text: 'x', truncated: false },
    ],
    [
      '204 has no body',
      'HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n',
      { status: 204, text: '', truncated: false },
    ],
    [
      '304 has no body',
      'HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n',
      { status: 304, text: '', truncated: false },
    ],
    ['101 has no body', 'HTTP/1.1 101 Switching\r\n\r\n', { status: 101, text: '', truncated: false }],
    [
      'HEAD has no body',
      'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n',
      { status: 200, text: '', truncated: false },
      true,
    ],
    [
      'interim answers are read over',
      'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok',
      { status: 200, text: 'ok', truncated: false },
    ],
    [
      'chunked',
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n06;ext="a"\r\n world\r\n0\r\n\r\n',
      { status: 200, text: 'hello world', truncated: false },
    ],
    [
      'chunked, with trailers',
      'HTTP/1.1 200 OK\r\ntransfer-encoding: gzip, CHUNKED\r\nContent-Length: 3\r\n\r\nA\r\n0123456789\r\n0\r\nX-Sum: 1\r\nX-B: 2\r\n\r\n',
      { status: 200, text: '0123456789', truncated: false },
    ],
    [
      'shorter than announced',
      'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello',
      { status: 200, text: 'hello', truncated: true },
    ],
    [
      'chunked, cut in a chunk',
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nhello',
      { status: 200, text: 'hello', truncated: true },
    ],
    [
      'chunked, cut before the last chunk',
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n',
      { status: 200, text: 'hello', truncated: true },
    ],
    [
      'chunked, cut in the trailers',
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nX: 1\r\n',
      { status: 200, text: 'hello', truncated: true },
    ],
    [
      'chunk longer than its size',
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhello\r\n0\r\n\r\n',
      { status: 200, text: 'hel', truncated: true },
    ],
    [
      'chunk size with a sign',
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-0000a\r\nhello\r\n0\r\n\r\n',
      { status: 200, text: '', truncated: true },
    ],
    [
      'chunk size 0x5',
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0x5\r\nhello\r\n0\r\n\r\n',
      { status: 200, text: '', truncated: true },
    ],
    [
      'chunk size empty',
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\r\nhello\r\n0\r\n\r\n',
      { status: 200, text: '', truncated: true },
    ],
    [
      'chunk size beyond any integer',
      `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${'f'.repeat(40)}\r\nhello`,
      { status: 200, text: '', truncated: true },
    ],
    [
      'length that is no number',
      'HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nhello',
      { status: 200, text: 'hello', truncated: false },
    ],
  ]

for (const [what, text, { text: body, ...expected }, head] of good) {
  test(`an answer is read: ${what}`, async () => {
    const { body: got, bodyHash, ...rest } = await answer(text, head)
    assert.equal(got.toString('latin1'), body)
    assert.equal(bodyHash, createHash('sha256').update(body).digest('hex'))
    assert.deepEqual({ ...rest, ...expected }, rest)
  })

  test(`an answer is read the same wherever it is cut: ${what}`, async () => {
    const whole = await one(text, head)
    for (let at = 1; at < text.length; at += 1) {
      const { results } = await read([text.slice(0, at), text.slice(at)], { head: head === true })
      assert.deepEqual(results, [whole], `cut at ${at}`)
    }
    const { results } = await read([...text], { head: head === true })
    assert.deepEqual(results, [whole], 'byte by byte')
  })
}

test('headers keep order, spelling and duplicates; lines without a name are left out', async () => {
  const { headers } = await answer(
    'HTTP/1.1 200 OK\r\nX-B:  2 \r\nno colon\r\n: no name\r\nx-b: 3\r\nEmpty:\r\nContent-Length: 0\r\n\r\n',
  )
  assert.deepEqual(headers, [
    ['X-B', '2'],
    ['x-b', '3'],
    ['Empty', ''],
    ['Content-Length', '0'],
  ])
})

const foreign: [what: string, text: string | Buffer][] = [
  ['garbage', Buffer.from('deadbeef00ff', 'hex')],
  ['HTTP/0.9', '<html>hello</html>'],
  ['a greeting', '220 mail.test ESMTP\r\n'],
  ['a status line without a number', 'HTTP/1.1 OK 200\r\n\r\n'],
  ['a status of two digits', 'HTTP/1.1 20 OK\r\n\r\n'],
  ['a status of four digits', 'HTTP/1.1 2000 OK\r\n\r\n'],
  ['another version', 'HTTP/3.0 200 OK\r\n\r\n'],
  ['lower case', 'http/1.1 200 OK\r\n\r\n'],
  ['a head that ends too early', 'HTTP/1.1 200 OK\r\nContent-Le'],
  ['one letter', 'H'],
  ['an interim answer, then garbage', 'HTTP/1.1 100 Continue\r\n\r\nhello'],
]
for (const [what, text] of foreign) {
  test(`no HTTP answer: ${what}`, async () => {
    const result = await one(text)
    assert.equal(result.kind, 'not-http')
    assert.ok(result.kind === 'not-http' && result.start.length > 0 && result.start.length <= 64)
  })
}

test('garbage is told at once, without waiting for an end', async () => {
  const { results } = await read(['garbage'], { end: false })
  assert.equal(results[0]?.kind, 'not-http')
})

test('nothing, or an interim answer only: closed', async () => {
  const { results } = await read([])
  assert.deepEqual(results, [{ kind: 'closed' }])
  assert.deepEqual(await one('HTTP/1.1 100 Continue\r\n\r\n'), { kind: 'closed' })
})
