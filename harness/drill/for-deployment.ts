/**
 * A drill of what a deployment file describes.
 * @module
 */
import { isLocalPlane } from '../deployment/local.ts'
import { proofOf } from '../deployment/proof.ts'
import type { ControlPlane, Target } from '../deployment/types.ts'
import type { Identity } from '../pki/types.ts'
import { noSecret } from './access-objects.ts'
import { connectControlPlane } from './control-plane.ts'
import { pullLanes } from './lanes.ts'
import type { OriginControl } from './origin-control.ts'
import type { DrillOptions } from './run.ts'
import { type DrillTerms, labTerms, type Order, type OriginMode, realTerms } from './types.ts'

/** What is drilled. */
export interface DeploymentDrill {
  order: Order
  /** Where visitors go. */
  target: Target
  /** The origin itself, which speaks TLS. */
  origin: { address: string; port: number }
  /** The certificate that the edge presents, or is to present. */
  identity: Identity
  /** `token` may edit. */
  controlPlane: ControlPlane
  originControl: OriginControl
  /** How the origin treats client certificates before; default: as the order begins. */
  originBefore?: OriginMode | undefined
  /** Milliseconds one request may take. */
  deadline: number
  /** What is different from {@link realTerms}; from {@link labTerms} where the control plane is on this machine. */
  terms?: Partial<DrillTerms>
  /** No longer than a check may take: fewer requests, and each step is watched no longer than it takes to be seen. */
  hurry?: true
}

/** Options of the drill. */
export function deploymentDrill({
  order,
  target,
  origin,
  identity,
  controlPlane: { baseURL, token, zone, account },
  originControl,
  originBefore,
  deadline: usualDeadline,
  terms,
  hurry,
}: DeploymentDrill): DrillOptions {
  const isLab = isLocalPlane(baseURL === undefined ? {} : { baseURL })
  // A machine that runs everything at the same time answers late: that is no outage.
  const deadline = isLab && hurry === true ? Math.max(usualDeadline, 20_000) : usualDeadline
  const visitor = visitorOf(target, deadline)
  const { hostname } = target
  return {
    order,
    hostname,
    lab: false,
    controlPlane: connectControlPlane({
      token,
      zone,
      account,
      ...(baseURL === undefined ? {} : { baseURL }),
    }),
    identities: { first: identity },
    // Which CAs the origin trusts is its operator's business.
    cas: {},
    origin: originControl,
    originAtStart: { mode: originBefore ?? (order.live === true ? 'required' : 'off'), trust: '' },
    secrets: { clientId: '', old: noSecret(), new: noSecret() },
    accessName: `harness drill ${hostname}`,
    lanes: pullLanes(
      visitor,
      {
        endpoint: { hostname, address: origin.address, port: origin.port },
        proof: visitor.proof,
        deadline,
      },
      [identity],
    ),
    terms: { ...termsFor(isLab, hurry), ...terms },
  }
}

const termsFor = (local: boolean, hurry: true | undefined): DrillTerms => {
  const usual = local ? labTerms : realTerms
  if (hurry === undefined) return usual
  return local
    ? { ...usual, interval: 100, hold: 0, poll: 20, grace: 60_000, answers: 30, pause: 50 }
    : { ...usual, interval: 500, hold: 1_000 }
}

/** Somebody whom the edge lets through. */
function visitorOf(target: Target, deadline: number): Parameters<typeof pullLanes>[0] {
  const { hostname, address, port, trust, mtls, access } = target
  const [identity] = mtls === undefined || mtls.mode === 'off' ? [] : mtls.identities
  const token = access?.serviceToken
  return {
    endpoint: {
      hostname,
      port,
      ...(address === undefined ? {} : { address }),
      ...(trust === undefined ? {} : { trust }),
    },
    identity,
    proof: proofOf(target),
    deadline,
    ...(token === undefined
      ? {}
      : {
          headers: () => [
            ['CF-Access-Client-Id', token.id],
            ['CF-Access-Client-Secret', token.secret],
          ],
        }),
  }
}
