/**
 * Origin pulls of one hostname at the API, through the official SDK.
 * @module
 */
import { X509Certificate } from 'node:crypto'
import { HarnessError } from '../errors.ts'
import type { Identity } from '../pki/types.ts'
import { type ControlPlane, isRefusal, refusalCodes } from './control-plane.ts'
import type { AssociationState, CertificateState, TouchedState } from './repairs.ts'
import type { Slot } from './types.ts'

/** The drill's certificates and the hostname's association. */
export interface Pulls {
  read(): Promise<Required<Pick<TouchedState, 'association' | 'certificates'>>>
  /** From memory; what was begun counts as done. */
  assumed(): Required<Pick<TouchedState, 'association' | 'certificates'>>
  upload(slot: Slot): Promise<void>
  /** @throws HarnessError when the certificate was never uploaded. */
  associate(slot: Slot, enabled: boolean | null): Promise<void>
  associateId(certId: string, enabled: boolean | null): Promise<void>
  status(slot: Slot): Promise<string>
  remove(slot: Slot): Promise<void>
  removeId(id: string): Promise<void>
}

/** No association. */
const noAssociation = 1553

/** Works on one hostname. */
export function createPulls(
  { sdk, zone }: ControlPlane,
  hostname: string,
  identities: Partial<Record<Slot, Identity>>,
): Pulls {
  const { hostnameCertificates, hostnames } = sdk.originTLSClientAuth
  const slots = (['first', 'second'] as const).filter((slot) => identities[slot] !== undefined)
  const certificates: Record<string, CertificateState | null> = Object.fromEntries(
    slots.map((slot) => [slot, null]),
  )
  let association: AssociationState | null = null

  const identity = (slot: Slot): Identity => {
    const found = identities[slot]
    if (found === undefined) throw new HarnessError('ERR_USAGE', `the drill has no ${slot} certificate`)
    return found
  }
  const idOf = (slot: Slot): string => {
    const id = certificates[slot]?.id ?? ''
    if (id === '') throw new HarnessError('ERR_USAGE', 'the certificate has not been uploaded')
    return id
  }
  const readAssociation = async (): Promise<AssociationState | null> => {
    try {
      const { cert_id: certId = '', enabled, status } = await hostnames.get(hostname, zone)
      return { certId, enabled: enabled === true, ...(status === undefined ? {} : { status }) }
    } catch (error) {
      if (refusalCodes(error)?.includes(noAssociation) === true) return null
      throw error
    }
  }
  const slotOf = (pem: string | undefined): Slot | undefined => {
    const seen = fingerprintOf(pem)
    return slots.find((slot) => identities[slot]?.fingerprint256 === seen)
  }
  const associateId = async (certId: string, enabled: boolean | null): Promise<void> => {
    const before = association
    // What may have arrived counts as done, until the answer says otherwise.
    association = { certId, enabled: enabled === true }
    try {
      await hostnames.update({ ...zone, config: [{ hostname, cert_id: certId, enabled }] })
      if (enabled === null) association = null
    } catch (error) {
      if (isRefusal(error)) association = before
      throw error
    }
  }
  const removeId = async (id: string): Promise<void> => {
    await hostnameCertificates.delete(id, zone)
    for (const [slot, one] of Object.entries(certificates))
      if (one?.id === id) certificates[slot] = { id, status: 'pending_deletion' }
  }

  return {
    async read() {
      const found: Record<string, CertificateState | null> = Object.fromEntries(
        slots.map((slot) => [slot, null]),
      )
      for await (const one of hostnameCertificates.list(zone)) {
        const slot = slotOf(one.certificate)
        if (slot === undefined || one.id === undefined || one.status === 'deleted') continue
        found[slot] = { id: one.id, status: one.status ?? '' }
      }
      association = await readAssociation()
      Object.assign(certificates, found)
      return { association, certificates: found }
    },
    assumed: () => ({ association, certificates: { ...certificates } }),
    async upload(slot) {
      const { cert, key } = identity(slot)
      certificates[slot] = { id: '', status: '' }
      try {
        const made = await hostnameCertificates.create({ ...zone, certificate: cert, private_key: key })
        certificates[slot] = { id: made.id ?? '', status: made.status ?? '' }
      } catch (error) {
        if (isRefusal(error)) certificates[slot] = null
        throw error
      }
    },
    associate: async (slot, enabled) => associateId(idOf(slot), enabled),
    associateId,
    async status(slot) {
      const { status = '' } = await hostnameCertificates.get(idOf(slot), zone)
      return status
    },
    remove: (slot) => removeId(idOf(slot)),
    removeId,
  }
}

function fingerprintOf(pem: string | undefined): string {
  try {
    return new X509Certificate(pem ?? '').fingerprint256.replaceAll(':', '').toLowerCase()
  } catch {
    return ''
  }
}
