/**
 * Advice from a cost measurement: rules as data, each with its ground. A rule speaks only when the whole interval supports it.
 * @module
 */
import type { CategoryCost, CostResult } from '../cost/types.ts'
import { verdictOf } from '../engine/types.ts'
import { planRate } from './cores.ts'
import type { Advice, CoresPlan, PlanBasis } from './types.ts'

/** What is known beside the costs. Everything is optional. */
export interface AdviceFacts {
  cost: CostResult
  /** An answer, and what it was made from. */
  planned?: { answer: CoresPlan; basis: PlanBasis }
  /** Size of the CRL that the server reads, bytes. */
  crlBytes?: number
  /** Curve of the client CA's key, as `P-256`. */
  caCurve?: string
  /** Share of connections that resume a session. */
  resumedShare?: number
}

interface Rule {
  id: string
  ground: string
  /** The advice; undefined: it does not apply. */
  text: (facts: AdviceFacts) => string | undefined
}

const category = ({ cost }: AdviceFacts, id: string): CategoryCost | undefined =>
  cost.categories.find((one) => one.id === id)

/** Of these the dearest that surely costs more than so many valid ones. */
function dearest(
  { cost }: AdviceFacts,
  above: number,
  which: (one: CategoryCost) => boolean,
): CategoryCost | undefined {
  return cost.categories
    .filter((one) => which(one) && (one.displacement?.low ?? 0) > above)
    .toSorted((a, b) => (b.displacement?.estimate ?? 0) - (a.displacement?.estimate ?? 0))[0]
}

const times = (one: CategoryCost): string => {
  const { estimate = Number.NaN, low = Number.NaN, high = Number.NaN } = one.displacement ?? {}
  return `${estimate.toFixed(1)} (${low.toFixed(1)} to ${high.toFixed(1)})`
}

/** Rates are found by halving: a hair below a whole number is that number. */
const whole = (rate: number): number => Math.floor(rate + 1e-6)

const chains = new Set(['forged-chain', 'long-chain'])

const rules: readonly Rule[] = [
  {
    id: 'verify-depth',
    ground:
      'OpenSSL and rustls check every real intermediate before the forged leaf fails; it needs no secret, only public intermediates (load-anchors 3.1, 3.5)',
    text: (facts) => {
      // A server that refuses a good long chain has a limit already; of one that was not asked nobody knows.
      const long = category(facts, 'long-chain')
      if (long === undefined || verdictOf(long.outcome) !== 'allowed') return undefined
      const isRefused = ({ outcome }: CategoryCost): boolean => verdictOf(outcome) === 'refused'
      // What anybody can send comes first.
      const worst =
        dearest(facts, 1, (one) => chains.has(one.id) && isRefused(one)) ??
        dearest(facts, 1, ({ id }) => chains.has(id))
      return worst === undefined
        ? undefined
        : `lower the verify depth to what your own chains need: one "${worst.id}" costs as much as ${times(worst)} valid clients`
    },
  },
  {
    id: 'curve',
    ground:
      'a P-384 signature check takes about ten times one of P-256 in OpenSSL 3.0, and every certificate of the chain adds one (load-anchors 3.5)',
    text: ({ caCurve }) =>
      caCurve === undefined || !/P-?(384|521)/i.test(caCurve)
        ? undefined
        : `use P-256 for client CAs and leaves: the CA is ${caCurve}`,
  },
  {
    id: 'crl-size',
    ground:
      "every handshake checks the CRL's own signature, which hashes all of it: 0.58 ms per MB where it was measured, once per certificate of the chain (load-anchors 3.5)",
    text: ({ crlBytes = 0 }) =>
      crlBytes < 100_000
        ? undefined
        : `replace the CRL of ${Math.round(crlBytes / 1000)} kB: short-lived certificates, or a CRL per issuing CA without expired entries`,
  },
  {
    id: 'ticket-share',
    ground:
      'a resumed handshake checks no certificate; it is not looked at again either, so tickets must not outlive what revocation has to stop (load-anchors 3.5; check-catalogue, RES)',
    text: (facts) => {
      const valid = category(facts, facts.cost.valid)
      const { verification, server } = valid ?? {}
      if (
        verification === undefined ||
        server === undefined ||
        (facts.resumedShare !== undefined && facts.resumedShare > 0.5)
      )
        return undefined
      const share = verification.low / server.high
      return share < 0.25
        ? undefined
        : `let clients that come back resume: verification is at least ${Math.round(100 * share)} % of a valid handshake, and a ticket saves it`
    },
  },
  {
    id: 'rate-limit-where',
    ground:
      'the verdict comes after the whole handshake (HTTP 400, 403 or a silent close), so a limit in HTTP saves nothing of its cost (load-anchors 3.2)',
    text: ({ cost }) => {
      const late = cost.categories.filter(
        ({ expect, outcome }) => expect === 'refused' && ['http-400', 'http-403', 'close'].includes(outcome),
      )
      return late.length === 0
        ? undefined
        : 'limit new connections per source before TLS (firewall, load balancer), not requests: this server refuses after the handshake'
    },
  },
  {
    id: 'rate-limit-budget',
    ground:
      'the same model as the answer, asked for the dearest invalid attempt: cores less valid traffic, within the objective (load-anchors 3.4)',
    text: ({ planned, cost }) => {
      const cores = planned?.answer.cores.estimate
      const worst = cost.categories
        .filter(({ expect, server }) => expect === 'refused' && server !== undefined)
        .toSorted((a, b) => (b.server?.high ?? 0) - (a.server?.high ?? 0))[0]
      if (planned === undefined || cores === undefined || worst === undefined) return undefined
      const { headroom, slo, traffic } = planned.answer
      const { rate } = planRate({ ...planned.basis, cores, of: worst.id, valid: traffic.valid })
      // Both ends: the answer beside it is made of the estimates, and a limit has to hold at the dear end.
      const [likely, sure] = [whole(rate.estimate), whole(rate.low)]
      if (likely <= 0) return undefined
      const promised = slo === undefined ? '' : ` and ${slo.p99Ms} ms are promised`
      const between = `with ${cores === 1 ? '1 core' : `${cores} cores`} of which ${Math.round(100 * headroom)} % stay free${promised}, valid traffic leaves room for ${likely} per second of "${worst.id}", the dearest invalid attempt, all invalid traffic together`
      return sure <= 0
        ? `${between}, and for none at the dear end of the costs: count on none, or measure longer`
        : `${between}, and for ${sure} at the dear end of the costs: count on ${sure}, and put the limit of new connections there`
    },
  },
  {
    id: 'asymmetry',
    ground: 'server CPU by client CPU of the same attempts (load-anchors 3.5)',
    text: ({ cost }) => {
      const worst = cost.categories
        // What is let in can only be sent by who holds a valid certificate.
        .filter(({ outcome, asymmetry }) => verdictOf(outcome) === 'refused' && (asymmetry?.low ?? 0) > 1)
        .toSorted((a, b) => (b.asymmetry?.estimate ?? 0) - (a.asymmetry?.estimate ?? 0))[0]
      return worst === undefined
        ? undefined
        : `one "${worst.id}" costs the server ${worst.asymmetry?.estimate.toFixed(1)} times what it costs this client: a flood of them is cheap to make`
    },
  },
  {
    id: 'measure-again',
    ground:
      'a measurement that cannot tell two equal lanes apart cannot tell others apart either (load-anchors 3.4)',
    text: ({ cost: { aa, mix, ended } }) => {
      const bad = [
        ...(aa?.passed === false ? ['two equal lanes differed by more than 3 %'] : []),
        ...(mix?.passed === false ? ['mixed traffic differed from its prediction by more than 10 %'] : []),
        ...(ended === 'converged' ? [] : [`it ended by ${ended}`]),
      ]
      return bad.length === 0
        ? undefined
        : `measure again on a quieter machine or with more rounds: ${bad.join('; ')}`
    },
  },
]

/** Ids of all rules. */
export const adviceIds: readonly string[] = rules.map(({ id }) => id)

/** What applies. */
export const advise = (facts: AdviceFacts): Advice[] =>
  rules.flatMap(({ id, ground, text }) => {
    const said = text(facts)
    return said === undefined ? [] : [{ id, text: said, ground }]
  })
