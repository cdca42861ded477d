/**
 * The origin `guarded` as its operator may have got it wrong: settings, and refusals that are forgiven, by fault.
 * @module
 */
import { X509Certificate } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { TLSSocket } from 'node:tls'
import type { Faults } from '../faults.ts'
import { labHostnames } from '../hostnames.ts'
import type { LabMaterial } from '../material.ts'
import type { OriginSettings } from './settings.ts'
import type { TlsArrival } from './tls-listener.ts'

/** Whether a request is served although its connection should have been turned away. */
export type Forgives = (request: IncomingMessage, reason: NonNullable<TlsArrival['refusal']>) => boolean

const pinsNobody = ['origin.pins-nobody', 'origin.trusts-client-ca', 'origin.trusts-shared-ca'] as const

/** Settings of the guarded origin. */
export function guardedSettings(
  {
    sharedPull,
    pulls,
    clientCas,
  }: Pick<LabMaterial, 'sharedPull' | 'pulls'> & Partial<Pick<LabMaterial, 'clientCas'>>,
  faults: Faults,
): Partial<OriginSettings> {
  // Where one subject only is let in, a second CA lets nobody in.
  const pins = !pinsNobody.some((id) => faults.has(id))
  const trusted = [
    pulls.ca,
    ...(faults.has('origin.trusts-shared-ca') ? [sharedPull.ca] : []),
    ...(faults.has('origin.trusts-client-ca') ? [clientCas?.A.cert ?? ''] : []),
  ]
  const optional = faults.has('origin.optional') ? 'optional' : 'required'
  return {
    clientCertificates: faults.has('origin.open') || faults.has('origin.allow-list-only') ? 'off' : optional,
    trust: trusted.join('\n'),
    onlySubject: pins ? pulls.subject : '',
    // The edge's, and those of everybody on this machine.
    addresses: ['127.0.0.1'],
    plain: faults.has('origin.plain-open') ? 'open' : 'closed',
  }
}

const own: ReadonlySet<string> = new Set(labHostnames.map(({ hostname }) => hostname))
const isOwn = (name: unknown): boolean =>
  typeof name === 'string' && own.has(name.toLowerCase().replace(/:\d+$/, ''))

/** What the guarded origin forgives. */
export function forgivesBy({ pulls }: Pick<LabMaterial, 'pulls'>, faults: Faults): Forgives {
  const ca = new X509Certificate(pulls.ca).subject
  return (request, reason) => {
    const { socket, headers } = request
    if (!(socket instanceof TLSSocket)) return false
    if (reason === 'other' || reason === 'address') return false
    if (reason === 'missing') {
      return (
        (faults.has('origin.open-in-1.2') && socket.getProtocol() === 'TLSv1.2') ||
        (faults.has('origin.open-for-other-names') && !(isOwn(socket.servername) && isOwn(headers.host))) ||
        (faults.has('origin.trusts-edge-headers') && headers['cf-connecting-ip'] !== undefined)
      )
    }
    const shown = socket.getPeerX509Certificate()
    if (shown === undefined) return false
    return (
      (faults.has('origin.accepts-self-signed') && shown.subject === shown.issuer) ||
      (faults.has('origin.compares-issuer-name') && shown.issuer === ca)
    )
  }
}
