/**
 * Every write that the control plane has, with one field of its body broken at a time: an answer in the envelope, never a
 * failure inside; what is refused changes nothing.
 */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { secrets, startTestApi, type TestApi } from '../testing/start.ts'
import { type Answer, type Client, createClient } from './client.ts'
import { broken, documentedPlaces, haveDocument, ownPlaces, unique } from './fields.ts'
import { createPool } from './pool.ts'
import { type GoodWrite, prepare } from './prepared.ts'

/** What is put in a place. */
const wrongValues: readonly unknown[] = [
  null,
  [],
  {},
  ['x'],
  [[[]]],
  '',
  'x'.repeat(20_000),
  -1,
  1.5,
  1e308,
  true,
  'a\0b',
  '\ud800',
  '\u202e\r\nx',
  // As JSON text the member is one that a naive merge would take for the prototype.
  JSON.parse('{"__proto__":{"enabled":true}}'),
  { constructor: { prototype: {} } },
  { toString: 1, hasOwnProperty: 1, length: -1 },
]

/** Asserts that an answer is one of the API. */
function assertAnswer({ status, text, body }: Answer, what: string): void {
  const told = `${what}: ${status} ${text.slice(0, 300)}`
  assert.ok(status >= 200 && status < 500, told)
  assert.equal(body?.success, status < 400, told)
  const errors = body?.errors ?? []
  assert.equal(errors.length > 0, status >= 400, told)
  for (const { code, message } of errors) {
    assert.ok(Number.isInteger(code) && Number(code) >= 1000, told)
    assert.ok(typeof message === 'string' && message.length < 6000, told)
  }
  if (status >= 400) assert.equal(body?.result, null, told)
}

describe('one field broken at a time', () => {
  let t: TestApi
  let client: Client
  let start: string
  let writes: GoodWrite[]

  before(async () => {
    t = await startTestApi({ limits: { requests: Number.MAX_SAFE_INTEGER } })
    client = createClient(t.api.port, secrets.edit)
    writes = await prepare(client, await createPool(2))
    start = JSON.stringify(t.store.state)
  })
  after(async () => {
    client.close()
    await t.close()
  })
  const reset = (): void => t.store.replace(JSON.parse(start))

  it('whole, every body is taken', async () => {
    for (const { method, path, body } of writes) {
      reset()
      const answer = await client.send(method, path, body)
      assert.ok(answer.status < 300, `${method} ${path}: ${answer.text}`)
    }
  })

  it('broken, every body is answered, and what is refused changes nothing', async () => {
    let refused = 0
    let taken = 0
    for (const { method, template, path, body } of writes) {
      reset()
      const own = unique([[], ...ownPlaces(body)])
      const places = unique([...own, ...documentedPlaces(method, template)])
      for (const [index, place] of places.entries()) {
        // Much of what only the document has the lab passes over: every fourth value, another one each time.
        const values = wrongValues.filter((_, at) => index < own.length || (at + index) % 4 === 0)
        for (const value of values) {
          const sent = JSON.stringify(broken(body, place, value))
          const answer = await client.send(method, path, sent)
          const what = `${method} ${path} ${place.join('.')} = ${JSON.stringify(value)?.slice(0, 60)}`
          assertAnswer(answer, what)
          if (answer.status < 400) {
            taken += 1
            reset()
          } else {
            refused += 1
            assert.equal(JSON.stringify(t.store.state), start, `${what}: refused, and changed something`)
          }
        }
      }
    }
    assert.ok(refused > 2000 && taken > 500, `${refused} refused, ${taken} taken`)
    const still = await client.send('GET', '/client/v4/zones')
    assert.equal(still.status, 200)
  })

  it('the document has places that the bodies of this test lack', { skip: !haveDocument }, () => {
    const known = writes.flatMap(({ method, template }) => documentedPlaces(method, template))
    assert.ok(known.length > 300, `${known.length}`)
  })
})
