/**
 * Verification of an origin's certificate in mode strict.
 * @module
 */
import { checkServerIdentity, type TLSSocket } from 'node:tls'
import type { Faults } from '../../faults.ts'
import type { Certificate } from '../certificate.ts'
import type { RuleId } from '../chain-rules.ts'
import { sentCertificates } from '../terminate.ts'
import { verifyChain } from '../verify-chain.ts'

/** What can be wrong with it. */
export type ServerCertificateProblem = 'name' | 'dates' | 'chain'

/** `purpose` asks for client certificates; a server's is another. */
const dateRules: ReadonlySet<RuleId> = new Set(['not-yet-valid', 'expired'])

/** Everything wrong with the certificate of a finished handshake, for a hostname, at a moment (epoch ms). */
export function serverCertificateProblems(
  tls: TLSSocket,
  hostname: string,
  anchors: readonly Certificate[],
  now: number,
): Set<ServerCertificateProblem> {
  const problems = new Set<ServerCertificateProblem>()
  const { violations } = verifyChain(sentCertificates(tls), { anchors, lists: [] }, new Date(now))
  for (const { rule } of violations) {
    if (rule !== 'purpose') problems.add(dateRules.has(rule) ? 'dates' : 'chain')
  }
  if (checkServerIdentity(hostname, tls.getPeerCertificate()) !== undefined) problems.add('name')
  return problems
}

/** Whether a problem ends the connection. */
export function isRefused(problems: ReadonlySet<ServerCertificateProblem>, faults: Faults): boolean {
  return [...problems].some((problem) => !faults.has(`edge.strict-ignores-${problem}`))
}
