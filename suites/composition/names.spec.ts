import { serviceTokenHeaders } from '../../fixtures/access.ts'
import { type CheckMeta, check } from '../../fixtures/catalogue.ts'
import type { CheckContext } from '../../fixtures/context.ts'
import type { Try } from '../../fixtures/environment.ts'
import { type Elsewhere, escapedName, namedIdentity } from '../../fixtures/named-identity.ts'
import { type AccessTarget, namedTarget } from '../../fixtures/targets.ts'
import { commonNameIn } from '../../harness/pki/common-name.ts'
import type { Identity } from '../../harness/pki/types.ts'
import { requireName } from './remedy.ts'

const base = {
  severity: 'critical',
  kind: 'must',
  profile: 'default',
  needs: ['access-and-mtls'],
  remediation: requireName,
} as const satisfies Partial<CheckMeta>

interface Names {
  target: AccessTarget
  /** The first name that is let in. */
  name: string
  good: Identity
}

/** A hostname whose policy names certificates, and a certificate of that name; skips where none is declared. */
async function named(run: CheckContext): Promise<Names> {
  const target = namedTarget(run.deployment)
  const name = target?.access.commonNames?.[0]
  if (target === undefined || name === undefined)
    return run.skip('needs access.commonNames: the names that the policy lets in')
  const valid = await run.valid(target)
  const good = (await namedIdentity(target, valid, name)) ?? valid ?? run.skip('needs mtls.identities')
  await run.onlyIfClosed(target)
  return { target, name, good }
}

const asking = (run: CheckContext, target: AccessTarget, identity: Identity, label: string): Try => ({
  target,
  identity,
  label,
  headers: serviceTokenHeaders(target.access.serviceToken ?? run.skip('needs access.serviceToken')),
})

/** The certificate with this name must be refused, the one with the right name is let in. */
async function nameRefused(run: CheckContext, { target, good }: Names, other: Identity, label: string) {
  await run.refused(asking(run, target, other, label), asking(run, target, good, 'the good twin'))
}

check(
  'composition.other-name',
  {
    ...base,
    title: 'a valid certificate of the right CA with another name is refused',
    grounds: [
      'cloudflare-one mutual TLS: Common Name and Valid Certificate',
      'CVE-2018-16886 (etcd)',
      'catalogue IDM-01, CMP-03',
    ],
    killedBy: ['access.ignores-common-name'],
    why: 'A CA signs for everybody it knows. Where the policy asks for “a valid certificate”, every other device of the CA is let in with the token of this one.',
    sends:
      'The good service token with a certificate of the same CA and another common name, and with one without common name.',
    expects: 'Refused, while the certificate that access.commonNames lists is let in.',
  },
  async (run) => {
    const names = await named(run)
    const { target, good } = names
    const allowed = target.access.commonNames ?? []
    const given = target.mtls?.identities.find((one) => !allowed.includes(commonNameIn(one) ?? ''))
    const other = (await namedIdentity(target, good, 'harness-somebody-else')) ?? given
    if (other === undefined)
      return run.skip('needs mtls.ca.key, or a valid identity that access.commonNames does not list')
    await nameRefused(run, names, other, 'another name')
    const nameless = await namedIdentity(target, good, '')
    if (nameless !== undefined) await nameRefused(run, names, nameless, 'no common name')
  },
)

interface Row extends Pick<CheckMeta, 'title' | 'why' | 'sends' | 'killedBy'> {
  id: string
  severity: CheckMeta['severity']
  grounds: readonly string[]
  variants(name: string): readonly [label: string, name: string, elsewhere?: Elsewhere][]
}

const fullWidth = (name: string): string =>
  name.replace(/[a-z]/, (letter) => String.fromCodePoint((letter.codePointAt(0) ?? 0) + 0xfee0))

const rows: readonly Row[] = [
  {
    id: 'name-prefix',
    grounds: ['catalogue IDM-02'],
    severity: 'critical',
    title: 'a name that only begins like the right one is refused',
    killedBy: ['access.common-name-by-prefix', 'access.ignores-common-name'],
    why: 'Whoever can have a certificate named sensor-0010 becomes sensor-001 where names are compared by their beginning, or by a pattern without its end.',
    sends: 'The good service token with certificates named NAME-x, NAME0 and NAME.example.com.',
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
    killedBy: ['access.common-name-by-suffix', 'access.ignores-common-name'],
    why: 'The same from the other side: a pattern without its beginning.',
    sends: 'The good service token with certificates named x-NAME and x.NAME.',
    variants: (name) => [
      ['more in front', `x-${name}`],
      ['a domain in front', `x.${name}`],
    ],
  },
  {
    id: 'name-folded',
    grounds: ['catalogue IDM-02'],
    severity: 'high',
    title: 'a name in another case, with spaces, a dot or a look-alike letter is refused',
    killedBy: ['access.common-name-folded', 'access.common-name-by-prefix', 'access.ignores-common-name'],
    why: 'The CA compares names in one way and the policy in another: what is another name for the one is the same for the other.',
    sends:
      'The good service token with certificates named NAME in upper case, with a space behind, with a dot behind, and with one full-width letter.',
    variants: (name) => [
      ['upper case', name === name.toUpperCase() ? name.toLowerCase() : name.toUpperCase()],
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
    killedBy: ['access.common-name-from-san', 'access.common-name-by-text', 'access.ignores-common-name'],
    why: 'A CA that checks common names may let applicants choose everything else. Whoever looks for the name in the text of the subject, or takes any kind of name for the common name, reads what the CA never vouched for.',
    sends:
      'The good service token with certificates of another common name that have NAME as DNS name and as address of mail, as organisational unit, and in an organisation written “x,CN=NAME”.',
    variants: (name) => [
      ['as DNS name', 'harness-somebody-else', { san: { dns: [name] } }],
      ['as address of mail', 'harness-somebody-else', { san: { email: [name] } }],
      ['as organisational unit', 'harness-somebody-else', { attributes: [`OU=${escapedName(name)}`] }],
      [
        'inside another attribute',
        'harness-somebody-else',
        { attributes: [`O=x\\,CN\\=${escapedName(name)}`] },
      ],
    ],
  },
  {
    id: 'name-nul',
    grounds: ['CVE-2026-47778 (Envoy)', 'catalogue IDM-05'],
    severity: 'high',
    title: 'a name that is the right one up to a NUL is refused',
    killedBy: ['access.common-name-until-nul', 'access.common-name-by-prefix', 'access.ignores-common-name'],
    why: 'For C a text ends at the first zero byte; the CA has signed for all of it.',
    sends: 'The good service token with a certificate named NAME, a zero byte and .example.',
    variants: (name) => [['a zero byte behind', `${name}\0.example`]],
  },
]

for (const { id, variants, ...texts } of rows) {
  check(
    `composition.${id}`,
    {
      ...base,
      ...texts,
      expects: 'Refused, while the certificate that access.commonNames lists is let in.',
    },
    async (run) => {
      const names = await named(run)
      const allowed = names.target.access.commonNames ?? []
      for (const [label, name, elsewhere] of variants(names.name)) {
        if (allowed.includes(name)) continue
        const other =
          (await namedIdentity(names.target, names.good, name, elsewhere)) ?? run.skip('needs mtls.ca.key')
        await nameRefused(run, names, other, label)
      }
    },
  )
}
