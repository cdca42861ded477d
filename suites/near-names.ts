/**
 * Names that are almost the one that is let in, as data, and what is tried with each: for hostnames that name certificates in a
 * rule, and for policies of Access that do.
 * @module
 */
import type { CheckMeta } from '../fixtures/catalogue.ts'
import type { CheckContext, RefusalOptions } from '../fixtures/context.ts'
import type { Try } from '../fixtures/environment.ts'
import { type Elsewhere, escapedName, namedIdentity } from '../fixtures/named-identity.ts'
import { Ended } from '../fixtures/verdict.ts'
import type { Target } from '../harness/deployment/types.ts'
import { commonNameIn } from '../harness/pki/common-name.ts'
import type { Identity } from '../harness/pki/types.ts'

/** A hostname that lets in certificates by name. */
export interface Names {
  target: Target
  /** Every name that is let in. */
  allowed: readonly string[]
  /** The first of them. */
  name: string
  good: Identity
  /** What goes with a certificate there. */
  asking: (identity: Identity, label: string) => Try
  options?: RefusalOptions
}

/** A hostname with its list of names and a certificate of the first; skips where none can be had. */
export async function namesOf(
  run: CheckContext,
  target: Target,
  allowed: readonly string[],
  rest: Pick<Names, 'asking' | 'options'>,
): Promise<Names> {
  const [name = ''] = allowed
  const valid = await run.valid(target)
  // As it was given, where it has the name: a list may be about more than that.
  const own = valid !== undefined && commonNameIn(valid) === name
  const made = own ? valid : await namedIdentity(target, valid, name)
  const good = made ?? valid ?? run.skip('needs mtls.identities')
  await run.onlyIfClosed(target)
  return { target, allowed, name, good, ...rest }
}

const somebodyElse = 'harness-somebody-else'

/** The certificate with this name must be refused, the one with the right name is let in. What is seen is said with the name. */
async function nameRefused(
  run: CheckContext,
  { target, asking, good, options }: Names,
  other: Identity,
  label: string,
): Promise<void> {
  try {
    await run.refused(asking(other, label), asking(good, 'the good twin'), options)
  } catch (error) {
    if (!(error instanceof Ended)) throw error
    // Its certificate is valid: nobody got in without one.
    run.reached = false
    const { verdict, observed, reason, outcome } = error
    throw new Ended(verdict, `${target.hostname}, ${label}: ${observed}`, reason, outcome)
  }
}

/** A certificate of the CA with another name, and one without, must be refused. */
export async function otherNameRefused(run: CheckContext, names: Names): Promise<void> {
  const { target, good, allowed } = names
  const { identities = [], strangers = [] } = target.mtls ?? {}
  const given = [...identities, ...strangers].find((one) => !allowed.includes(commonNameIn(one) ?? ''))
  const other = (await namedIdentity(target, good, somebodyElse)) ?? given
  if (other === undefined)
    return run.skip('needs mtls.ca.key, or a certificate of the CA whose name is not listed')
  await nameRefused(run, names, other, 'another name')
  const nameless = await namedIdentity(target, good, '')
  if (nameless !== undefined) await nameRefused(run, names, nameless, 'no common name')
}

/** One certificate to try, by the name that is let in. */
type Variant = readonly [label: string, name: string, elsewhere?: Elsewhere]

/** A way to be almost the right name. */
export interface NearName extends Pick<CheckMeta, 'title' | 'why' | 'severity' | 'grounds'> {
  id: string
  /** What is sent, as a phrase: `certificates named …`. */
  certificates: string
  /** Each has to be refused. */
  variants: (name: string) => readonly Variant[]
  /** Which one counts is for the server to say: all but one have to be refused. */
  allButOne?: true
  /** Faults that let them in: of Access, and of a rule. */
  faults: { access: readonly string[]; rule: readonly string[] }
  /** Of a rule it is less than that. */
  rule?: Pick<CheckMeta, 'kind' | 'severity'>
}

/** Each of a row's certificates is refused. */
export async function nearNameRefused(
  run: CheckContext,
  names: Names,
  { variants, allButOne }: NearName,
): Promise<void> {
  const tries: [label: string, identity: Identity][] = []
  for (const [label, name, elsewhere] of variants(names.name)) {
    if (names.allowed.includes(name) && elsewhere === undefined) continue
    const identity = await namedIdentity(names.target, names.good, name, elsewhere)
    tries.push([label, identity ?? run.skip('needs mtls.ca.key')])
  }
  if (tries.length === 0) return run.skip('every such name is listed')
  const judged = allButOne === true ? await withoutOneLetIn(run, names, tries) : tries
  for (const [label, identity] of judged) await nameRefused(run, names, identity, label)
}

/** The certificates but for the first one that is let in. */
async function withoutOneLetIn<T extends readonly [label: string, identity: Identity]>(
  run: CheckContext,
  { asking }: Names,
  tries: readonly T[],
): Promise<T[]> {
  for (const one of tries) {
    const [label, identity] = one
    const { verdict } = await run.attempt(asking(identity, `${label}, for comparison (again below)`))
    if (verdict === 'allowed') return tries.filter((other) => other !== one)
  }
  return [...tries]
}

const fullWidth = (name: string): string =>
  name.replace(/[a-z]/, (letter) => String.fromCodePoint((letter.codePointAt(0) ?? 0) + 0xfee0))

const anyName = { access: 'access.ignores-common-name', rule: 'config.names-missing' } as const

/** The table. */
export const nearNames: readonly NearName[] = [
  {
    id: 'name-prefix',
    grounds: ['catalogue IDM-02'],
    severity: 'critical',
    title: 'a name that only begins like the right one is refused',
    faults: {
      access: ['access.common-name-by-prefix', anyName.access],
      rule: ['config.names-by-prefix', 'config.names-in-text', anyName.rule],
    },
    why: 'Whoever can have a certificate named sensor-0010 becomes sensor-001 where names are compared by their beginning, or by a pattern without its end.',
    certificates: 'certificates named NAME-x, NAME0 and NAME.example.com',
    variants: (name) => [
      ['more behind', `${name}-x`],
      ['a digit behind', `${name}0`],
      ['a domain behind', `${name}.example.com`],
    ],
  },
  {
    id: 'name-suffix',
    grounds: ['catalogue IDM-02'],
    severity: 'critical',
    title: 'a name that only ends like the right one is refused',
    faults: {
      access: ['access.common-name-by-suffix', anyName.access],
      rule: ['config.names-by-suffix', 'config.names-in-text', anyName.rule],
    },
    why: 'The same from the other side: a pattern without its beginning.',
    certificates: 'certificates named x-NAME and x.NAME',
    variants: (name) => [
      ['more in front', `x-${name}`],
      ['a domain in front', `x.${name}`],
    ],
  },
  {
    id: 'name-case',
    grounds: ['catalogue IDM-02', 'RFC 5280 §7.1 (CAs compare names without case)'],
    severity: 'high',
    title: 'the right name in another case is refused',
    faults: {
      access: ['access.common-name-folded', anyName.access],
      rule: ['config.names-any-case', anyName.rule],
    },
    // A rule may compare like RFC 5280 does; nginx does so in a map.
    rule: { kind: 'should', severity: 'medium' },
    why: 'Where the CA takes SENSOR-001 and sensor-001 for two applicants, and the door takes them for one, the second gets in as the first.',
    certificates: 'a certificate named NAME in upper case (in lower case where it is upper)',
    variants: (name) => [
      ['another case', name === name.toUpperCase() ? name.toLowerCase() : name.toUpperCase()],
    ],
  },
  {
    id: 'name-folded',
    grounds: ['catalogue IDM-02'],
    severity: 'high',
    title: 'a name with a space, a dot or a look-alike letter is refused',
    faults: {
      access: ['access.common-name-folded', 'access.common-name-by-prefix', anyName.access],
      rule: ['config.names-by-prefix', 'config.names-in-text', anyName.rule],
    },
    why: 'The CA compares names in one way and the door in another: what is another name for the one is the same for the other.',
    certificates:
      'certificates named NAME with a space behind, with a dot behind, and with one full-width letter',
    variants: (name) => [
      ['a space behind', `${name} `],
      ['a dot behind', `${name}.`],
      ['a full-width letter', fullWidth(name)],
    ],
  },
  {
    id: 'name-elsewhere',
    grounds: [
      'CVE-2022-21656 (Envoy: alternative names of another type)',
      'CVE-2026-33248 (NATS: matching of subjects)',
      'catalogue IDM-03',
      'catalogue IDM-04',
    ],
    severity: 'high',
    title: 'the right name in another place of the certificate is refused',
    faults: {
      access: ['access.common-name-from-san', 'access.common-name-by-text', anyName.access],
      rule: ['config.names-by-suffix', 'config.names-in-text', anyName.rule],
    },
    why: 'A CA that checks common names may let applicants choose everything else. Whoever looks for the name in the text of the subject, or takes any kind of name for the common name, reads what the CA never vouched for.',
    certificates:
      'certificates of another common name that have NAME as DNS name and as address of mail, as organisational unit, and in an organisation written “x,CN=NAME”',
    variants: (name) => [
      ['as DNS name', somebodyElse, { san: { dns: [name] } }],
      ['as address of mail', somebodyElse, { san: { email: [name] } }],
      ['as organisational unit', somebodyElse, { attributes: [`OU=${escapedName(name)}`] }],
      ['inside another attribute', somebodyElse, { attributes: [`O=x\\,CN\\=${escapedName(name)}`] }],
    ],
  },
  {
    id: 'name-twice',
    grounds: ['catalogue IDM-03 (one defined reading)', 'RFC 5280 §4.1.2.4'],
    severity: 'high',
    title: 'of two common names one counts, not either',
    faults: {
      access: ['access.common-name-by-text', anyName.access],
      rule: ['config.names-in-text', anyName.rule],
    },
    allButOne: true,
    why: 'A subject may have several common names. A CA that looks at one of them has not vouched for the other: where either will do, the applicant chooses.',
    certificates:
      'two certificates with two common names, NAME and another one: in the one order and in the other',
    variants: (name) => [
      ['another name, then the right one', name, { attributes: [`CN=${somebodyElse}`] }],
      ['the right name, then another one', somebodyElse, { attributes: [`CN=${escapedName(name)}`] }],
    ],
  },
  {
    id: 'name-nul',
    grounds: [
      'CVE-2026-47778 (Envoy)',
      'HAProxy -m str (pattern.c looks texts up as C strings; seen with 2.6.12)',
      'catalogue IDM-05',
    ],
    severity: 'high',
    title: 'a name that is the right one up to a NUL is refused',
    faults: {
      access: ['access.common-name-until-nul', 'access.common-name-by-prefix', anyName.access],
      rule: ['config.names-by-prefix', 'config.names-in-text', anyName.rule],
    },
    why: 'For C a text ends at the first zero byte; the CA has signed for all of it.',
    certificates: 'a certificate named NAME, a zero byte and .example',
    variants: (name) => [['a zero byte behind', `${name}\0.example`]],
  },
]

/** What is expected of every row. */
export const expectsRefusal = ({ allButOne }: NearName, list: string): string =>
  allButOne === true
    ? `Refused in one order at least, while the certificate that ${list} lists is let in.`
    : `Refused, while the certificate that ${list} lists is let in.`
