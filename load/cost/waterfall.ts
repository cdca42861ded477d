/**
 * What verification is made of, by subtraction: steps as data. Which category stops where is known from the sources of the
 * TLS stacks (load-anchors 3.1); it depends on how the server refuses.
 * @module
 */
import type { Outcome } from '../engine/types.ts'
import { pairedDifference, type Rounds } from './analyse.ts'
import type { WaterfallStep } from './types.ts'

interface Step extends Omit<WaterfallStep, 'adds'> {
  /** How the server has to refuse `unknown-ca` for this reading; undefined: however. */
  style?: readonly Outcome[]
}

/** Stops in the Certificate message (OpenSSL and BoringSSL with an alert). */
const inHandshake = ['alert'] as const
/** Goes on, and judges after the handshake (nginx, Node, an HTTP rule). */
const afterHandshake = ['http-400', 'http-403', 'close'] as const

const steps: readonly Step[] = [
  {
    from: 'control',
    to: 'none',
    label: 'asking for a certificate, none comes',
    ground:
      'a CertificateRequest and an empty Certificate message; where the server refuses at once, less work than serving',
  },
  {
    from: 'control',
    to: 'unknown-ca',
    label: 'receiving and parsing a certificate',
    ground: 'chain building fails before any signature is checked, and the server stops there',
    style: inHandshake,
  },
  {
    from: 'control',
    to: 'unknown-ca',
    label: 'receiving, parsing, and proof of possession',
    ground:
      'chain building fails before any signature is checked; the handshake goes on, so CertificateVerify is checked',
    style: afterHandshake,
  },
  {
    from: 'unknown-ca',
    to: 'expired',
    label: 'checking the chain',
    ground: "OpenSSL checks every signature before the leaf's dates; Go and rustls stop at the dates",
  },
  {
    from: 'expired',
    to: 'valid',
    label: 'proof of possession and the request',
    ground: 'CertificateVerify is checked only once the chain is accepted',
    style: inHandshake,
  },
  {
    from: 'expired',
    to: 'valid',
    label: 'the request, instead of an error',
    ground: 'both went through the whole handshake',
    style: afterHandshake,
  },
  {
    from: 'valid',
    to: 'long-chain',
    label: 'six more intermediates',
    ground: 'six more certificates to parse and six more signatures to check',
  },
]

/**
 * The steps whose two ends were measured.
 * @param refusal how the server refused `unknown-ca`.
 */
export const waterfall = (rounds: Rounds, refusal: Outcome | undefined, seed: number): WaterfallStep[] =>
  steps.flatMap(({ style, ...step }) => {
    if (style !== undefined && (refusal === undefined || !style.includes(refusal))) return []
    const adds = pairedDifference(rounds, step.from, step.to, seed)
    return adds === undefined ? [] : [{ ...step, adds }]
  })
