/**
 * From SNI to a hostname.
 * @module
 */
import type { Faults } from '../faults.ts'
import { primary, www } from '../hostnames.ts'
import type { EdgeHost, Hosts } from './hosts.ts'

/** Alerts of RFC 8446 §6.2 that are sent without a handshake. */
export const alerts = { internalError: 80, unrecognizedName: 112 } as const

/** What a ClientHello leads to. */
export type HostChoice =
  | { kind: 'alert'; code: number }
  | {
      kind: 'serve'
      host: EdgeHost
      /** Without comparison and policy, whatever the Host (faults of SNI spelling). */
      loose: boolean
      /** Host the origin is told, where it is not the one asked for (a fault). */
      originHostname?: string
    }

const label = /^[a-z0-9-]{1,63}\.harness\.test$/

const unknown: HostChoice = { kind: 'alert', code: alerts.unrecognizedName }

/** The default context: the public hostname’s, routed by Host alone (faults). */
export function defaultHost(hosts: Hosts): HostChoice {
  const host = hosts.byName(www.hostname)
  return host === undefined ? unknown : { kind: 'serve', host, loose: true }
}

/** Chooses by SNI, byte for byte but for case (RFC 6066 §3, RFC 4343); unknown and missing names are refused. */
export function chooseHost(sni: string | undefined, hosts: Hosts, faults: Faults): HostChoice {
  if (faults.has('edge.handshake-fails')) return { kind: 'alert', code: alerts.internalError }
  const byDefault = (): HostChoice => defaultHost(hosts)
  if (sni === undefined) return faults.has('edge.no-sni-default') ? byDefault() : unknown
  const name = sni.toLowerCase()
  if (faults.has('edge.sni-upper-case') && sni !== name && hosts.byName(name) !== undefined)
    return byDefault()
  if (
    faults.has('edge.sni-trailing-dot') &&
    hosts.byName(name.replace(/\.$/, '')) !== undefined &&
    name.endsWith('.')
  ) {
    return byDefault()
  }
  const host = hosts.byName(name)
  if (host !== undefined) return { kind: 'serve', host, loose: false }
  if (faults.has('edge.unknown-sni-default') && label.test(name)) return byDefault()
  if (!faults.has('edge.serves-unknown-names') || !label.test(name)) return unknown
  const undeclared: EdgeHost = { hostname: name, zone: undefined, origin: 'main', mtls: undefined }
  return { kind: 'serve', host: undeclared, loose: false, originHostname: primary.hostname }
}
