/**
 * Client certificates of the managed CA: signing one, and showing one.
 * @module
 */
import { createHash } from 'node:crypto'
import { HarnessError } from '../../errors.ts'
import { DerError } from '../../pki/der/read.ts'
import { type CertificateFacts, describeCertificate } from '../../pki/describe.ts'
import { newId } from '../state/ids.ts'
import { statusAt } from '../state/lifecycle.ts'
import type { ClientCertificate, ZoneState } from '../state/types.ts'
import { signatureName, subjectAttributes } from './certificate-text.ts'
import type { ApiContext } from './context.ts'
import { ApiError } from './errors.ts'
import { inSeconds } from './query.ts'

const day = 86_400_000

/** Signs a CSR with the managed CA of an account. @throws ApiError 400 / 1401 for a CSR that is none or proves nothing. */
export async function issueFromCsr(
  context: ApiContext,
  accountId: string,
  csr: string,
  validityDays: number,
): Promise<ClientCertificate> {
  const authority = await context.managedCa(accountId)
  const issuedAt = Math.floor(context.store.now() / 1000) * 1000
  let certificate: string
  try {
    certificate = await authority.signCsr(csr, {
      // Nothing but subject and key is taken over from the CSR.
      san: {},
      eku: ['clientAuth'],
      notBefore: new Date(issuedAt),
      notAfter: new Date(issuedAt + validityDays * day),
    })
    subjectAttributes(certificate)
    factsOf(certificate)
  } catch (error) {
    if (error instanceof ApiError) throw error
    const why =
      error instanceof HarnessError || error instanceof DerError ? error.message : 'it cannot be signed'
    throw new ApiError(400, 1401, `Invalid CSR: ${why}`)
  }
  return {
    id: newId(),
    certificate,
    csr: csr.replace(/\r\n|\r|\n/g, '\r\n'),
    validityDays,
    issuedOn: new Date(issuedAt).toISOString(),
    lifecycle: { status: 'active' },
  }
}

/** A client certificate as the API shows it. */
export function showClientCertificate(context: ApiContext, zone: ZoneState, made: ClientCertificate): object {
  const facts = factsOf(made.certificate)
  return {
    id: made.id,
    certificate: made.certificate,
    certificate_authority: {
      id: managedCaId(zone.accountId),
      name: `Cloudflare Managed CA for account ${zone.accountId}`,
    },
    ...subjectAttributes(made.certificate),
    csr: made.csr,
    expires_on: inSeconds(facts.validTo),
    fingerprint_sha256: facts.fingerprint256,
    issued_on: inSeconds(made.issuedOn),
    serial_number: facts.serial.toLowerCase(),
    signature: signatureName(facts.signatureAlgorithm) ?? facts.signatureAlgorithm,
    ski: facts.ski?.toLowerCase() ?? '',
    status: statusAt(made.lifecycle, context.store.now()),
    validity_days: made.validityDays,
  }
}

/** A UUID that stays the same for an account. */
function managedCaId(accountId: string): string {
  const hex = createHash('sha256').update(`managed CA ${accountId}`).digest('hex')
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `4${hex.slice(13, 16)}`,
    `8${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join('-')
}

function factsOf(pem: string): CertificateFacts {
  const described = describeCertificate(pem)
  if (!described.ok) throw new ApiError(400, 1401, `Invalid CSR: ${described.error}`)
  return described.facts
}
