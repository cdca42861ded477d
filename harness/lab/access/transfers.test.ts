import assert from 'node:assert/strict'
import { test } from 'node:test'
import nacl from 'tweetnacl'
import { createTransfers } from './transfers.ts'

const key = (): string => `${Buffer.from(nacl.box.keyPair().publicKey).toString('base64url')}=`

test('a poll is held until there is something', async () => {
  const transfers = createTransfers({ now: () => 0, wait: 600_000 })
  const mine = key()
  const polled = transfers.wait(mine)
  assert.equal(transfers.put(mine, { a: 'b' }), true)
  const parcel = await polled
  assert.ok(typeof parcel === 'object')
  assert.match(parcel.senderKey, /^[A-Za-z0-9_-]{43}=$/)
  transfers.close()
})

test('a poll ends without anything, at once where the key is none', async () => {
  const transfers = createTransfers({ now: () => 0, wait: 5 })
  assert.equal(await transfers.wait(key()), 'none')
  const patient = createTransfers({ now: () => 0, wait: 600_000 })
  assert.equal(await patient.wait('no key'), 'none')
  assert.equal(patient.put('no key', {}), false)
  assert.equal(patient.put(key().replace('=', ''), {}), false)
})

test('parcels are kept ten minutes', async () => {
  let now = 0
  const transfers = createTransfers({ now: () => now, wait: 1 })
  const [first, second] = [key(), key()]
  transfers.put(first, {})
  transfers.put(second, {})
  assert.notEqual(await transfers.wait(first), 'none')
  now = 600_000
  assert.equal(await transfers.wait(second), 'none')
})

test('of two who wait for one key one gets it; the number of those who wait is bounded', async () => {
  const transfers = createTransfers({ now: () => 0, wait: 600_000 })
  const mine = key()
  const both = [transfers.wait(mine), transfers.wait(mine)]
  transfers.put(mine, {})
  const kinds = (await Promise.all(both)).map((one) => typeof one)
  assert.deepEqual(kinds.toSorted(), ['object', 'string'])
  const many = Array.from({ length: 500 }, () => transfers.wait(key()))
  assert.equal(await transfers.wait(key()), 'busy')
  transfers.close()
  assert.deepEqual([...new Set(await Promise.all(many))], ['none'])
  assert.equal(await transfers.wait(key()), 'none')
})
