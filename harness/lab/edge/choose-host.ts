/**
 * From SNI to a hostname.
 * @module
 */
import type { Faults } from '../faults.ts'
import { type LabHostname, labHostnames, primary, www } from '../hostnames.ts'

/** Alerts of RFC 8446 §6.2 that are sent without a handshake. */
export const alerts = { internalError: 80, unrecognizedName: 112 } as const

/** What a ClientHello leads to. */
export type HostChoice =
  | { kind: 'alert'; code: number }
  | {
      kind: 'serve'
      host: LabHostname
      /** Without comparison and policy, whatever the Host (faults of SNI spelling). */
      loose: boolean
      /** Host the origin is told, where it is not the one asked for (a fault). */
      originHostname?: string
    }

const byName = new Map(labHostnames.map((host) => [host.hostname, host]))
const label = /^[a-z0-9-]{1,63}\.harness\.test$/

/** The hostname configured under a name, in lower case. */
export const configured = (name: string): LabHostname | undefined => byName.get(name)

/** Chooses by SNI, byte for byte but for case (RFC 6066 §3, RFC 4343); unknown and missing names are refused. */
export function chooseHost(sni: string | undefined, faults: Faults): HostChoice {
  if (faults.has('edge.handshake-fails')) return { kind: 'alert', code: alerts.internalError }
  const unknown: HostChoice = { kind: 'alert', code: alerts.unrecognizedName }
  const byDefault: HostChoice = { kind: 'serve', host: www, loose: true }
  if (sni === undefined) return faults.has('edge.no-sni-default') ? byDefault : unknown
  const name = sni.toLowerCase()
  if (faults.has('edge.sni-upper-case') && sni !== name && configured(name) !== undefined) return byDefault
  if (
    faults.has('edge.sni-trailing-dot') &&
    configured(name.replace(/\.$/, '')) !== undefined &&
    name.endsWith('.')
  ) {
    return byDefault
  }
  const host = configured(name)
  if (host !== undefined) return { kind: 'serve', host, loose: false }
  if (!faults.has('edge.serves-unknown-names') || !label.test(name)) return unknown
  const undeclared: LabHostname = { hostname: name, what: 'a name nobody configured', mtls: undefined }
  return { kind: 'serve', host: undeclared, loose: false, originHostname: primary.hostname }
}
