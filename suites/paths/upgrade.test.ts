import assert from 'node:assert/strict'
import { test } from 'node:test'
import { answerOf } from '../../harness/probe/http1.ts'
import { acceptOf, upgraded, webSocketHeaders } from './upgrade.ts'

const answer = (status: number, headers: [string, string][]) =>
  answerOf('1.1', status, headers, Buffer.alloc(0), false)

test('the accept of a key is that of the example in RFC 6455 §1.3', () => {
  assert.equal(acceptOf('dGhlIHNhbXBsZSBub25jZQ=='), 's3pPLMBiTxaQ9kYGzzhZRbK+xOo=')
})

test('open is the 101 that answers our key, once; every other 101 is unclear', () => {
  const asked = webSocketHeaders()
  const key = asked.find(([name]) => name === 'Sec-WebSocket-Key')?.[1] ?? ''
  const right: [string, string] = ['sec-websocket-accept', ` ${acceptOf(key)} `]
  assert.equal(upgraded(asked, answer(101, [['Upgrade', 'websocket'], right])), 'open')
  assert.equal(upgraded(asked, answer(101, [])), 'unclear')
  assert.equal(upgraded(asked, answer(101, [right, right])), 'unclear')
  assert.equal(
    upgraded(asked, answer(101, [['Sec-WebSocket-Accept', acceptOf('other')]])),
    'unclear',
    'an echo of another key',
  )
  assert.equal(upgraded([['Upgrade', 'h2c']], answer(101, [right])), 'unclear', 'no key was sent')
  assert.equal(upgraded(asked, answer(200, [right])), undefined)
  assert.equal(upgraded(asked, undefined), undefined)
})

test('each request has a key of its own, of 16 bytes', () => {
  const keys = [webSocketHeaders(), webSocketHeaders()].map(
    (headers) => headers.find(([name]) => name === 'Sec-WebSocket-Key')?.[1] ?? '',
  )
  assert.notEqual(keys[0], keys[1])
  for (const key of keys) assert.equal(Buffer.from(key, 'base64').length, 16)
})
