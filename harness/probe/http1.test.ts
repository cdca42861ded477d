import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { PassThrough } from 'node:stream'
import { test } from 'node:test'
import { AnswerReader, bodyLimit, encodeRequest, headLimit, type ReadResult, type Request } from './http1.ts'
import type { HttpAnswer } from './types.ts'

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

interface Reading {
  head?: boolean
  count?: number
  end?: boolean
  /** Pieces come one per turn of the event loop, as from a socket. */
  paced?: boolean
}

/** Reads answers from bytes that come in the given pieces; the stream ends behind them unless told otherwise. */
async function read(
  pieces: readonly (string | Buffer)[],
  { head = false, count = 1, end = true, paced = false }: Reading = {},
): Promise<{ results: ReadResult[]; reader: AnswerReader }> {
  const stream = new PassThrough()
  const reader = new AnswerReader(stream)
  const results: ReadResult[] = []
  const reading = (async () => {
    for (let index = 0; index < count; index += 1) results.push(await reader.read(head))
  })()
  for (const piece of pieces) {
    stream.write(typeof piece === 'string' ? Buffer.from(piece, 'latin1') : piece)
    if (paced) await new Promise(setImmediate)
  }
  if (end) stream.end()
  await reading
  return { results, reader }
}

async function one(text: string | Buffer, head = false): Promise<ReadResult> {
  const { results } = await read([text], { head })
  const [result] = results
  assert.ok(result !== undefined)
  return result
}

async function answer(text: string | Buffer, head = false): Promise<HttpAnswer> {
  const result = await one(text, head)
  assert.equal(result.kind, 'answer')
  return result.kind === 'answer' ? result.answer : assert.fail()
}

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

test('heads beyond the limit are too large, heads within it are not', async () => {
  const head = (length: number): string => {
    const fixed = 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\nX: '
    return `${fixed}${'f'.repeat(length - fixed.length)}\r\n\r\n`
  }
  assert.equal((await one(head(headLimit))).kind, 'answer')
  assert.equal((await one(head(headLimit + 1))).kind, 'too-large')
  const { results } = await read([head(10 * headLimit)], { end: false })
  assert.equal(results[0]?.kind, 'too-large')
})

test('interim answers without end are too large, and no stack overflows', async () => {
  const { results } = await read(['HTTP/1.1 100 \r\n\r\n'.repeat(60_000)], { end: false })
  assert.equal(results[0]?.kind, 'too-large')
})

const bodies: [what: string, head: string, encode: (body: string) => string][] = [
  ['by length', 'Content-Length: LENGTH', (body) => body],
  [
    'chunked, one chunk',
    'Transfer-Encoding: chunked',
    (body) => `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`,
  ],
  [
    'chunked, many chunks',
    'Transfer-Encoding: chunked',
    (body) =>
      `${body.replace(/.{1,1000}/g, (part) => `${part.length.toString(16)}\r\n${part}\r\n`)}0\r\n\r\n`,
  ],
  ['until close', 'X: y', (body) => body],
]
for (const [what, head, encode] of bodies) {
  const text = (length: number): string =>
    `HTTP/1.1 200 OK\r\n${head.replace('LENGTH', String(length))}\r\n\r\n${encode('b'.repeat(length))}`

  test(`a body at the limit is whole, a longer one is cut: ${what}`, async () => {
    const whole = await answer(text(bodyLimit))
    assert.equal(whole.body.length, bodyLimit)
    assert.equal(whole.truncated, false)
    for (const length of [bodyLimit + 1, 2 * 2 ** 20]) {
      const cut = await answer(text(length))
      assert.equal(cut.body.length, bodyLimit)
      assert.equal(cut.truncated, true)
    }
  })
}

test('a second answer behind the first is read next', async () => {
  const first = 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nfirst'
  const second = 'HTTP/1.1 403 No\r\nTransfer-Encoding: chunked\r\n\r\n6\r\nsecond\r\n0\r\nX: 1\r\n\r\n'
  const text = `${first}${second}${first}`
  for (let at = 1; at < text.length; at += 1) {
    const { results, reader } = await read([text.slice(0, at), text.slice(at)], { count: 4 })
    const seen = results.map((result) =>
      result.kind === 'answer' ? result.answer.body.toString() : result.kind,
    )
    assert.deepEqual(seen, ['first', 'second', 'first', 'closed'], `cut at ${at}`)
    assert.equal(reader.pending, 0)
  }
})

test('a second answer is found behind a first one too long to be kept', async () => {
  const long = `HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n${'l'.repeat(1_000_000)}`
  const pieces = `${long}HTTP/1.1 403 No\r\nContent-Length: 2\r\n\r\nno`.match(/[^]{1,16384}/g) ?? []
  const { results } = await read(pieces, { count: 2, paced: true })
  const statuses = results.map((result) => (result.kind === 'answer' ? result.answer.status : result.kind))
  assert.deepEqual(statuses, [200, 403])
})

test('nothing is found behind a body without a known end', async () => {
  const endless = `HTTP/1.1 200 OK\r\n\r\n${'l'.repeat(200_000)}HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n`
  const { results } = await read(endless.match(/[^]{1,16384}/g) ?? [], { count: 2, paced: true })
  assert.deepEqual(
    results.map(({ kind }) => kind),
    ['answer', 'closed'],
  )
})

test('what is kept stays bounded when nobody reads', async () => {
  const stream = new PassThrough()
  const reader = new AnswerReader(stream)
  for (let index = 0; index < 200; index += 1) stream.write(Buffer.alloc(64 * 1024))
  await new Promise((resolve) => stream.end(resolve))
  assert.ok(reader.pending <= headLimit + 3 * bodyLimit, `${reader.pending} bytes kept`)
})

test('what has come of an answer can be read before it ends', async () => {
  const stream = new PassThrough()
  const reader = new AnswerReader(stream)
  void reader.read(false)
  assert.equal(reader.partial(false), undefined)
  stream.write('HTTP/1.1 403 Forb')
  assert.equal(reader.partial(false), undefined)
  stream.write('idden\r\nContent-Length: 100\r\n\r\nno')
  const partial = reader.partial(false)
  assert.equal(partial?.status, 403)
  assert.equal(partial?.body.toString(), 'no')
  assert.equal(partial?.truncated, true)
})

test('a stream that fails reads as closed', async () => {
  const stream = new PassThrough()
  const reader = new AnswerReader(stream)
  const reading = reader.read(false)
  stream.destroy(new Error('reset'))
  assert.deepEqual(await reading, { kind: 'closed' })
})
