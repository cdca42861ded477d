/**
 * Origin-pull objects as the API shows them. Never with a private key, which the schema would allow.
 * @module
 */
import type { Faults } from '../../faults.ts'
import { statusAt } from '../../state/lifecycle.ts'
import type { PullAssociation, PullCertificate, PullStatus } from '../../state/origin-pulls.ts'

/** An uploaded certificate of either level; serial numbers are shown for hostnames only. */
export interface CertificateView {
  id: string
  certificate: string
  expires_on: string
  issuer: string
  serial_number?: string
  signature: string
  status: PullStatus
  uploaded_on: string
  private_key?: string
}

/** A certificate at a moment (epoch ms). */
export function certificateView(
  one: PullCertificate,
  level: 'zone' | 'hostname',
  now: number,
  faults: Faults,
): CertificateView {
  return {
    id: one.id,
    certificate: one.certificate,
    expires_on: one.expiresOn,
    issuer: one.issuer,
    ...(level === 'hostname' ? { serial_number: one.serialNumber } : {}),
    signature: one.signature,
    status: statusAt(one.lifecycle, now),
    uploaded_on: one.uploadedOn,
    ...(faults.has('edge.pulls-api-returns-private-key') ? { private_key: one.privateKey } : {}),
  }
}

/** A hostname with its certificate. */
export interface AssociationView {
  hostname: string
  cert_id: string
  enabled: boolean | null
  status: PullStatus
  created_at: string
  updated_at: string
  cert_status: PullStatus
  cert_updated_at: string
  cert_uploaded_on: string
  certificate: string
  expires_on: string
  issuer: string
  serial_number: string
  signature: string
}

/** An association at a moment (epoch ms); `null` for `enabled`: it was removed just now. */
export function associationView(
  { hostname, createdAt, updatedAt, lifecycle, ...association }: PullAssociation,
  certificate: PullCertificate,
  now: number,
  enabled: boolean | null = association.enabled,
): AssociationView {
  return {
    hostname,
    cert_id: certificate.id,
    enabled,
    status: enabled === null ? 'deleted' : statusAt(lifecycle, now),
    created_at: createdAt,
    updated_at: updatedAt,
    cert_status: statusAt(certificate.lifecycle, now),
    cert_updated_at: certificate.updatedAt,
    cert_uploaded_on: certificate.uploadedOn,
    certificate: certificate.certificate,
    expires_on: certificate.expiresOn,
    issuer: certificate.issuer,
    serial_number: certificate.serialNumber,
    signature: certificate.signature,
  }
}
