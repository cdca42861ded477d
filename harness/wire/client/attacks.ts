/**
 * Attacks on the proof of possession, as data: every way to come without the key of the certificate one shows, or to send
 * a message that the protocol does not have. A server that lets one in has no proof of who its client is.
 * @module
 */
import { runScript } from './run.ts'
import type { Mutation, Script, ScriptResult } from './types.ts'

/** One attack. */
export interface Attack {
  /** In English, one phrase. */
  what: string
  mutate: Mutation
  /** First an honest connection, whose CertificateVerify is sent again. */
  replays?: true
  /** The client shows a certificate of which it need not have the key: everything but the key is public. */
  needsKey: boolean
}

const verify = (
  certificateVerify: Exclude<Mutation['certificateVerify'], undefined>,
  what: string,
  needsKey: boolean,
): Attack => ({ what, mutate: { certificateVerify }, needsKey })

/** All of them, by id. */
export const attacks = {
  'verify-omitted': verify('omitted', 'Certificate, no CertificateVerify', false),
  'certificate-omitted': {
    what: 'neither Certificate nor CertificateVerify, although asked',
    mutate: { certificate: 'omitted' },
    needsKey: false,
  },
  'other-key': verify('other-key', 'signed with another key than the certificate’s', false),
  'bit-flipped': verify('bit-flipped', 'the last bit of the signature inverted', true),
  truncated: verify('truncated', 'the signature one byte short', true),
  padded: verify('padded', 'the signature with a byte behind it', true),
  empty: verify('empty', 'a signature of no bytes', false),
  longest: verify('longest', 'a signature of 65,535 bytes', false),
  zero: verify('zero', 'an ECDSA signature with r = s = 0', false),
  replayed: {
    what: 'the CertificateVerify of an earlier connection',
    mutate: {},
    replays: true,
    needsKey: false,
  },
  'other-context': verify('other-context', 'a signature over another content than this handshake’s', true),
  'wrong-scheme': verify('wrong-scheme', 'a true signature, said to be of another key type’s scheme', true),
  sha1: verify('sha1', 'a true signature with SHA-1', true),
  'data-before-finished': {
    what: 'Certificate, then application data: neither CertificateVerify nor Finished',
    mutate: { certificateVerify: 'omitted', finished: 'data-instead' },
    needsKey: false,
  },
  'trailing-bytes': {
    what: 'four bytes behind the list of the Certificate message',
    mutate: { certificate: 'trailing-bytes' },
    needsKey: true,
  },
  oversized: {
    what: 'a Certificate message of 200,000 bytes',
    mutate: { certificate: 'oversized' },
    needsKey: true,
  },
} as const satisfies Record<string, Attack>

/** Id of an attack. */
export type AttackId = keyof typeof attacks

/** Ids in the order of the table. */
export const attackIds = Object.keys(attacks) as AttackId[]

/** Runs a script with one attack; an honest connection first where it replays. The result is that of the attack. */
export async function runAttack(script: Script, id: AttackId): Promise<ScriptResult> {
  const attack: Attack = attacks[id]
  if (attack.replays !== true) return runScript({ ...script, mutate: attack.mutate })
  const { proof, ...honest } = await runScript(script)
  if (proof === undefined) return { ...honest, proof, end: 'unsupported', reason: 'nothing to replay' }
  return runScript({ ...script, mutate: { certificateVerify: { replayed: proof } } })
}
