/**
 * The origins of a lab, by name.
 * @module
 */
import type { Faults } from '../faults.ts'
import type { LabMaterial } from '../material.ts'
import type { AssertionCheck } from './assertion.ts'
import { forgivesBy, guardedSettings } from './lapses.ts'
import { type Origin, startOrigin } from './origin.ts'

/**
 * Names of the lab's origins: `main` takes anybody, `pulls` is there for an operator's Authenticated Origin Pulls,
 * `guarded` insists on the certificate that the edge presents for the lab's own hostnames.
 */
export const originNames = ['main', 'pulls', 'guarded'] as const

/** Name of an origin. */
export type OriginName = (typeof originNames)[number]

/** Running origins. */
export type Origins = Readonly<Record<OriginName, Origin>> & {
  /** Ends them all. */
  close(): Promise<void>
}

/**
 * Starts them on free ports. `pulls` asks for client certificates and does not insist, as step 2 of the documented set-up
 * has it; it trusts the shared origin-pull CA and the operator's own until it is configured otherwise.
 * @param now epoch milliseconds by which client certificates are judged; default: the real time.
 */
export async function startOrigins(
  material: Pick<LabMaterial, 'origin' | 'sharedPull' | 'pulls'> & Partial<Pick<LabMaterial, 'clientCas'>>,
  now: () => number = Date.now,
  faults: Faults = new Set(),
  assertions?: AssertionCheck,
): Promise<Origins> {
  const { origin: certificates, sharedPull } = material
  const asserted = assertions === undefined ? {} : { assertions }
  const [main, pulls, guarded] = await Promise.all([
    startOrigin({ certificates, now, ...asserted }),
    startOrigin({
      certificates,
      now,
      settings: { clientCertificates: 'optional', trust: `${sharedPull.ca}\n${material.pulls.ca}` },
      neverRequires: faults.has('origin.required-not-taken'),
    }),
    startOrigin({
      certificates,
      now,
      ...asserted,
      settings: guardedSettings(material, faults),
      forgives: forgivesBy(material, faults),
      namesItself: faults.has('origin.names-itself'),
    }),
  ])
  return {
    main,
    pulls,
    guarded,
    async close() {
      await Promise.all([main.close(), pulls.close(), guarded.close()])
    },
  }
}

/** Where each of them listens. */
export const originAddresses = (
  origins: Origins,
): Readonly<Record<OriginName, { host: string; port: number; tlsPort: number }>> => ({
  main: addressOf(origins.main),
  pulls: addressOf(origins.pulls),
  guarded: addressOf(origins.guarded),
})

const addressOf = ({ host, port, tlsPort }: Origin): { host: string; port: number; tlsPort: number } => ({
  host,
  port,
  tlsPort,
})
