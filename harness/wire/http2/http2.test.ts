import assert from 'node:assert/strict'
import { createServer, type ServerHttp2Stream } from 'node:http2'
import { connect } from 'node:net'
import { test } from 'node:test'
import { listen } from '../testing.ts'
import {
  content,
  type Frame,
  FrameReader,
  flags,
  frameTypes,
  preface,
  settings,
  writeFrame,
} from './frames.ts'
import { FieldReader, writeFields } from './hpack.ts'
import { decodeHuffman } from './huffman.ts'

/** Every printable character, which nghttp2 compresses where it gets shorter. */
const all = Array.from({ length: 94 }, (_, at) => String.fromCharCode(33 + at)).join('')

test('nghttp2 reads what is written here, and its compressed answer is read', async () => {
  let got: string[] = []
  const server = createServer()
  server.on('stream', (stream: ServerHttp2Stream, _headers, _flags, raw: string[]) => {
    got = raw
    stream.respond({ ':status': 207, 'x-all': all, 'x-low': 'aeiou0123 aeiou0123', 'x-twice': ['a', 'a'] })
    stream.end('hello')
  })
  const socket = connect(await listen(server), '127.0.0.1')
  try {
    const fields = [
      [':method', 'GET'],
      [':scheme', 'http'],
      [':path', '/'],
      [':authority', 'a.test'],
      ['host', 'b.test'],
      ['x-long', 'x'.repeat(300)],
    ] as const
    const set = flags.endHeaders | flags.endStream
    const payload = writeFields(fields)
    socket.write(
      Buffer.concat([
        preface,
        settings([1, 0]),
        writeFrame({ type: frameTypes.headers, flags: set, stream: 1, payload }),
      ]),
    )
    const frames = new FrameReader()
    const seen: Frame[] = []
    for await (const bytes of socket) {
      frames.push(bytes)
      for (let one = frames.next(); one !== undefined; one = frames.next()) seen.push(one)
      if (seen.some(({ type, flags: set }) => type === frameTypes.data && (set & flags.endStream) !== 0))
        break
    }
    assert.deepEqual(got, fields.flat())
    const block = seen.find(({ type }) => type === frameTypes.headers)
    assert.ok(block)
    const read = new FieldReader().read(content(block))
    const value = (name: string): string[] => read.filter(([key]) => key === name).map(([, text]) => text)
    assert.deepEqual(
      [value(':status'), value('x-all'), value('x-low')],
      [['207'], [all], ['aeiou0123 aeiou0123']],
    )
    assert.equal(Buffer.concat(seen.filter(({ type }) => type === 0).map(content)).toString(), 'hello')
  } finally {
    socket.destroy()
    server.close()
  }
})

test('examples of RFC 7541 appendix C', () => {
  const hex = (text: string): Buffer => Buffer.from(text, 'hex')
  assert.equal(decodeHuffman(hex('f1e3c2e5f23a6ba0ab90f4ff'))?.toString(), 'www.example.com')
  const reader = new FieldReader()
  assert.deepEqual(reader.read(hex('828684418cf1e3c2e5f23a6ba0ab90f4ff')), [
    [':method', 'GET'],
    [':scheme', 'http'],
    [':path', '/'],
    [':authority', 'www.example.com'],
  ])
  // The second request refers to the dynamic table (C.4.2).
  assert.deepEqual(reader.read(hex('828684be5886a8eb10649cbf')).slice(3), [
    [':authority', 'www.example.com'],
    ['cache-control', 'no-cache'],
  ])
})

test('what is no HPACK and no frame is an error, never nonsense', () => {
  const bad = ['80', 'ff', 'bf', '0085', '00827fff', '4083', 'ffffffffffffff']
  for (const one of bad) assert.throws(() => new FieldReader().read(Buffer.from(one, 'hex')), RangeError, one)
  assert.equal(decodeHuffman(Buffer.from('ffffffff', 'hex')), undefined)
  const reader = new FrameReader()
  reader.push(Buffer.from('00ffff000000000001', 'hex'))
  assert.throws(() => reader.next(), RangeError)
  const padded = { type: 0, flags: flags.padded, stream: 1, payload: Buffer.from([9, 1]) }
  assert.throws(() => content(padded), RangeError)
})
