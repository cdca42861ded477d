/**
 * What an edge with a sniffer of its own does not see in the first bytes (faults).
 * @module
 */
import type { FaultId, Faults } from '../faults.ts'
import type { FirstBytes } from './first-bytes.ts'

type Hello = FirstBytes & { kind: 'client-hello' }

/** Bytes of a sniffer's buffer. */
const buffer = 4096

const isLarge = ({ bytes }: Hello): boolean => bytes.length > buffer

const overlooked: readonly [FaultId, (first: Hello) => boolean][] = [
  ['edge.hello-in-records-default', ({ bytes }) => recordLength(bytes) < bytes.length],
  ['edge.hello-in-segments-default', ({ reads }) => reads > 1],
  ['edge.large-hello-default', isLarge],
  [
    'edge.hello-retry-default',
    ({ hello }) => hello.versions.includes('TLSv1.3') && hello.keyShares.length === 0,
  ],
  ['edge.grease-default', ({ hello }) => hello.extensions.includes('GREASE')],
  ['edge.record-version-default', ({ bytes }) => ![0x0301, 0x0303].includes(bytes.readUInt16BE(1))],
]

/** Length of the first record with its header. */
const recordLength = (bytes: Buffer): number => 5 + bytes.readUInt16BE(3)

/** The server name is missed. */
export const missesName = (first: Hello, faults: Faults): boolean =>
  overlooked.some(([fault, applies]) => faults.has(fault) && applies(first))

/** The connection is dropped. */
export const dropsHello = (first: Hello, faults: Faults): boolean =>
  faults.has('edge.drops-large-hello') && isLarge(first)
