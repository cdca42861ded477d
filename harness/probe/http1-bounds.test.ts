import assert from 'node:assert/strict'
import { PassThrough } from 'node:stream'
import { test } from 'node:test'
import { answer, one, read } from '../../fixtures/hostile/read-answers.ts'
import { AnswerReader, bodyLimit, headLimit } from './http1.ts'

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
  const pieces = `${long}HTTP/1.1 403 No\r\nContent-Length: 2\r\n\r\nno`.match(/[\s\S]{1,16384}/g) ?? []
  const { results } = await read(pieces, { count: 2, paced: true })
  const statuses = results.map((result) => (result.kind === 'answer' ? result.answer.status : result.kind))
  assert.deepEqual(statuses, [200, 403])
})

test('nothing is found behind a body without a known end', async () => {
  const endless = `HTTP/1.1 200 OK\r\n\r\n${'l'.repeat(200_000)}HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n`
  const { results } = await read(endless.match(/[\s\S]{1,16384}/g) ?? [], { count: 2, paced: true })
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
