/**
 * Verification of an origin's certificate in mode strict.
 * @module
 */
import { X509Certificate } from 'node:crypto'
import type { TLSSocket } from 'node:tls'
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
  const sent = sentCertificates(tls)
  const { violations } = verifyChain(sent, { anchors, lists: [] }, new Date(now))
  for (const { rule } of violations) {
    if (rule !== 'purpose') problems.add(dateRules.has(rule) ? 'dates' : 'chain')
  }
  if (!namesHost(sent[0], hostname)) problems.add('name')
  return problems
}

/** By alternative names only (RFC 9525 §6.3). The socket is not asked again: only its first answer is complete. */
function namesHost(leaf: Buffer | undefined, hostname: string): boolean {
  try {
    return (
      leaf !== undefined && new X509Certificate(leaf).checkHost(hostname, { subject: 'never' }) !== undefined
    )
  } catch {
    return false
  }
}

/** Whether a problem ends the connection. */
export function isRefused(problems: ReadonlySet<ServerCertificateProblem>, faults: Faults): boolean {
  return [...problems].some((problem) => !faults.has(`edge.strict-ignores-${problem}`))
}
