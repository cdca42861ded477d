/**
 * Authenticated Origin Pulls of one zone: three independent switches (global is a zone setting) and their certificates.
 * @module
 */
import type { Lifecycle } from './lifecycle.ts'

/** States of certificates and associations. */
export type PullStatus =
  | 'initializing'
  | 'pending_deployment'
  | 'active'
  | 'pending_deletion'
  | 'deleted'
  | 'deployment_timed_out'
  | 'deletion_timed_out'

/** An uploaded origin-pull certificate; kept as a tombstone after deletion. */
export interface PullCertificate {
  id: string
  /** PEM as uploaded: the leaf first. */
  certificate: string
  /** PEM. Never shown by the API. */
  privateKey: string
  issuer: string
  serialNumber: string
  signature: string
  expiresOn: string
  uploadedOn: string
  updatedAt: string
  /** When it was deployed (epoch ms, no two alike in a zone): of several active zone certificates the latest is presented. */
  deployedAt: number
  lifecycle: Lifecycle<PullStatus>
}

/** A hostname and the certificate to present to its origin. */
export interface PullAssociation {
  hostname: string
  certId: string
  /** False: nothing is presented, even if the zone level is on. `null` removes the association. */
  enabled: boolean
  createdAt: string
  updatedAt: string
  lifecycle: Lifecycle<PullStatus>
  /** What holds until this one is deployed; undefined: the levels below. */
  previous?: PullTerms
}

/** The part of an association that the edge acts on. */
export interface PullTerms {
  certId: string
  enabled: boolean
}

/** Origin pulls of a zone. */
export interface OriginPulls {
  /** Zone-level switch. */
  enabled: boolean
  zoneCertificates: Record<string, PullCertificate>
  hostnameCertificates: Record<string, PullCertificate>
  /** By hostname, lower case. */
  associations: Record<string, PullAssociation>
}
