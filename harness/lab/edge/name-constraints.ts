/**
 * Name constraints over DNS names (RFC 5280 §4.2.1.10).
 * @module
 */
import type { CertificateFacts } from '../../pki/describe.ts'

/** Why a certificate's names break the constraints of a CA above it, undefined when they do not. */
export function constraintViolation(
  constraints: { permitted: string[]; excluded: string[] },
  { san }: CertificateFacts,
): string | undefined {
  const kinds = new Set([...constraints.permitted, ...constraints.excluded].map((subtree) => kindOf(subtree)))
  kinds.delete('DNS')
  // What cannot be checked must not pass: the extension is critical.
  if (kinds.size > 0) return 'unsupported name constraint type'
  const permitted = constraints.permitted.map(baseOf)
  const excluded = constraints.excluded.map(baseOf)
  for (const name of san.dns) {
    if (excluded.some((base) => within(name, base))) return 'excluded subtree violation'
    if (permitted.length > 0 && !permitted.some((base) => within(name, base)))
      return 'permitted subtree violation'
  }
  return undefined
}

const kindOf = (subtree: string): string => subtree.slice(0, subtree.indexOf(':'))
const baseOf = (subtree: string): string => subtree.slice(subtree.indexOf(':') + 1)

/** `a.example.com` is within `example.com` and `.example.com`; a wildcard is compared by what it stands under. */
function within(name: string, base: string): boolean {
  const lower = name.toLowerCase().replace(/^\*\./, '')
  const wanted = base.toLowerCase().replace(/^\./, '')
  if (wanted === '') return true
  return (
    lower.endsWith(`.${wanted}`) || (lower === wanted && !(base.startsWith('.') && !name.startsWith('*.')))
  )
}
