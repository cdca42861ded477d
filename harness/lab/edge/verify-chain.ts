/**
 * Verification of a client's certificates in our own code, never OpenSSL's: `socket.authorized` is true on a resumed
 * TLS 1.3 session without any certificate (nodejs/node issue 35317), and a fault must be able to switch off one rule.
 * @module
 */
import { type Certificate, readCertificate } from './certificate.ts'
import { chainRules, endRules, type RuleId } from './chain-rules.ts'
import { buildPath, type Path } from './path.ts'
import type { RevocationList } from './revocation.ts'

/** Whom a hostname trusts. */
export interface ClientTrust {
  anchors: readonly Certificate[]
  lists: readonly RevocationList[]
}

/** A rule that a certificate breaks. */
export interface Violation {
  rule: RuleId
  /** 0 is the leaf. */
  depth: number
  /** OpenSSL's text. */
  text: string
  certificate: Certificate | undefined
}

/** Everything that is wrong with a chain, worst first; a valid one has no violation. */
export interface ChainReport {
  leaf: Certificate | undefined
  /** What was sent, in order, as far as it can be read. */
  sent: readonly Certificate[]
  path: Path | undefined
  violations: readonly Violation[]
  /** When the result may change by itself: the next beginning or end of a validity; undefined: never. */
  until: Date | undefined
}

/**
 * Verifies certificates in the order sent, leaf first. Extra certificates that are not needed are passed over
 * (RFC 8446 §4.4.2); they may be unreadable.
 */
export function verifyChain(ders: readonly Buffer[], trust: ClientTrust, now: Date): ChainReport {
  const [leaf, ...others] = ders.map(readCertificate)
  const readable = others.filter((one) => typeof one !== 'string')
  if (leaf === undefined || typeof leaf === 'string') {
    const violation = {
      rule: 'unreadable',
      depth: 0,
      text: 'certificate cannot be read',
      certificate: undefined,
    } as const
    return { leaf: undefined, sent: readable, path: undefined, violations: [violation], until: undefined }
  }
  const path = buildPath(leaf, readable, trust.anchors)
  return {
    leaf,
    sent: [leaf, ...readable],
    path,
    violations: [...endViolations(path), ...ruleViolations(path, trust, now)],
    until: nextChange(path, now),
  }
}

function endViolations({ certificates, end }: Path): Violation[] {
  if (end === 'anchored') return []
  const depth = certificates.length - 1
  const text = endRules[end][depth === 0 ? 'leaf' : 'chain']
  return [{ rule: end, depth, text, certificate: certificates[depth] }]
}

function ruleViolations(path: Path, { lists }: ClientTrust, now: Date): Violation[] {
  return chainRules.flatMap(({ id, test }) =>
    path.certificates.flatMap((certificate, depth) => {
      const text = test(certificate, depth, { path, lists, now })
      return text === undefined ? [] : [{ rule: id, depth, text, certificate }]
    }),
  )
}

function nextChange(path: Path, now: Date): Date | undefined {
  const moments = path.certificates.flatMap(({ notBefore, notAfter }) => [notBefore, notAfter])
  return moments.filter((moment) => moment >= now).toSorted((a, b) => a.getTime() - b.getTime())[0]
}
