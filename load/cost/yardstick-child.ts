/**
 * The yardstick's process: signatures and verifications as in a handshake.
 * @module
 */
import { generateKeyPairSync, sign, verify } from 'node:crypto'
import type { YardstickAnswer } from './yardstick.ts'

/** About four milliseconds: long against the clock of CPU time, short against a block. */
const pieces = 40

const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const text = Buffer.alloc(128)
const signature = sign('sha256', text, privateKey)

function work(): YardstickAnswer {
  const before = process.cpuUsage()
  for (let piece = 0; piece < pieces; piece += 1) {
    sign('sha256', text, privateKey)
    verify('sha256', text, publicKey, signature)
  }
  const { user, system } = process.cpuUsage(before)
  return (user + system) / pieces
}

// The first ones compile.
for (let time = 0; time < 20; time += 1) work()
process.on('message', () => process.send?.(work()))
process.on('disconnect', () => process.exit(0))
process.on('SIGINT', () => undefined)
