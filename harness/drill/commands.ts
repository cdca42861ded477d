/**
 * Repairs as commands for a shell, exact enough to be pasted. The token is read from `CLOUDFLARE_API_TOKEN`.
 * @module
 */

import { X509Certificate } from 'node:crypto'
import type { RemainingStep } from '../../reports/drill/types.ts'
import type { OriginControl } from './origin-control.ts'
import type { Repair } from './repairs.ts'
import { shellQuoted } from './shell.ts'

/** What commands are about. */
export interface CommandFacts {
  baseURL: string
  zone: string
  account: string
  hostname: string
  origin: OriginControl | undefined
  /** PEM of the drill's certificates by slot, to find one whose id is not known. */
  certificates: Readonly<Record<string, string>>
  /** Name of the drill's objects of Access, for the same. */
  accessName: string
}

/** What is still being deployed cannot be deleted yet (1434): curl tries again. */
const again = '--retry 10 --retry-delay 1 --retry-all-errors'

/** A repair for people. */
export function commandFor(repair: Repair, facts: CommandFacts): RemainingStep {
  const { baseURL, zone, account, hostname, origin, certificates, accessName } = facts
  const pulls = `/zones/${zone}/origin_tls_client_auth`
  const call = (method: string, path: string, body?: unknown): string =>
    [
      `curl -sS --fail-with-body -X ${method} ${shellQuoted(`${baseURL}${path}`)}`,
      '-H "Authorization: Bearer $CLOUDFLARE_API_TOKEN"',
      ...(body === undefined
        ? []
        : [`-H 'Content-Type: application/json' --data ${shellQuoted(JSON.stringify(body))}`]),
    ].join(' ')
  const deleteFound = (list: string, filter: string): string =>
    `for id in $(${call('GET', `${list}?per_page=1000`)} | jq -r ${shellQuoted(`.result[] | ${filter} | .id`)}); do ${call('DELETE', `${list}/`).replace(/'( -H)/, `'"$id"$1`)} ${again}; done`
  switch (repair.kind) {
    case 'origin':
      return {
        sentence: `set the origin to: client certificates ${repair.terms.mode}`,
        command: origin?.command(repair.terms) ?? `# at the origin: client certificates ${repair.terms.mode}`,
      }
    case 'associate': {
      const { certId, enabled } = repair
      return {
        sentence:
          enabled === null
            ? 'void the association of the hostname: the edge presents nothing'
            : `associate the hostname with its certificate again (enabled: ${enabled})`,
        command: call('PUT', `${pulls}/hostnames`, { config: [{ hostname, cert_id: certId, enabled }] }),
      }
    }
    case 'upload':
      return {
        sentence: 'upload the certificate again: name the files of certificate and private key',
        command: `jq -n --rawfile certificate CERTIFICATE.pem --rawfile private_key PRIVATE-KEY.pem '{certificate: $certificate, private_key: $private_key}' | ${call('POST', `${pulls}/hostnames/certificates`)} -H 'Content-Type: application/json' --data @-`,
      }
    case 'wait':
      return {
        sentence: `wait until the certificate is not ${repair.status} any more`,
        command: `while ${call('GET', `${pulls}/hostnames/certificates/${repair.id}`)} | grep -q ${shellQuoted(`"status": *"${repair.status}"`)}; do sleep 1; done`,
      }
    case 'wait-association':
      return {
        sentence: `wait until the association is not ${repair.status} any more`,
        command: `while ${call('GET', `${pulls}/hostnames/${hostname}`)} | grep -q ${shellQuoted(`"status": *"${repair.status}"`)}; do sleep 1; done`,
      }
    case 'delete': {
      const list = `${pulls}/hostnames/certificates`
      const filter = `select(.serial_number | ascii_downcase | IN(${serialsOf(certificates[repair.slot])}))`
      return {
        sentence: 'delete the certificate that the drill has uploaded (1414: that is under way already)',
        command: repair.id === '' ? deleteFound(list, filter) : call('DELETE', `${list}/${repair.id}`),
      }
    }
    case 'delete-access': {
      const folder = { application: 'apps', policy: 'policies', token: 'service_tokens' }[repair.what]
      const list = `/accounts/${account}/access/${folder}`
      const filter = `select(.name == ${JSON.stringify(accessName)})`
      return {
        sentence: `delete the ${repair.what} that the drill has made`,
        command: repair.id === '' ? deleteFound(list, filter) : call('DELETE', `${list}/${repair.id}`),
      }
    }
  }
}

/** The serial number as APIs write it: hex or decimal, in quotes for jq. */
function serialsOf(pem: string | undefined): string {
  if (pem === undefined) return ''
  const hex = new X509Certificate(pem).serialNumber.toLowerCase()
  const spellings = [hex, hex.replace(/^0+/, ''), BigInt(`0x${hex}`).toString()]
  return spellings.map((one) => JSON.stringify(one)).join(', ')
}
