import { serviceTokenHeaders } from '../../fixtures/access.ts'
import { type CheckMeta, check } from '../../fixtures/catalogue.ts'
import type { CheckContext } from '../../fixtures/context.ts'
import { namedTarget } from '../../fixtures/targets.ts'
import { allowedNames } from '../../harness/deployment/allowed-names.ts'
import {
  expectsRefusal,
  type Names,
  namesOf,
  nearNameRefused,
  nearNames,
  otherNameRefused,
} from '../near-names.ts'
import { requireName } from '../require-name.ts'

const base = {
  severity: 'critical',
  kind: 'must',
  profile: 'default',
  needs: ['access-and-mtls'],
  remediation: requireName,
} as const satisfies Partial<CheckMeta>

/** A hostname whose policy names certificates, and a certificate of that name; skips where none is declared. */
function named(run: CheckContext): Promise<Names> {
  const target = namedTarget(run.deployment) ?? run.skip('needs access.commonNames: whom the policy lets in')
  const token = target.access.serviceToken
  return namesOf(run, target, allowedNames(target) ?? [], {
    asking: (identity, label) => ({
      target,
      identity,
      label,
      headers: serviceTokenHeaders(token ?? run.skip('needs access.serviceToken')),
    }),
  })
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
  async (run) => otherNameRefused(run, await named(run)),
)

for (const row of nearNames) {
  const { id, title, why, severity, grounds, faults, certificates } = row
  check(
    `composition.${id}`,
    {
      ...base,
      title,
      why,
      severity,
      grounds,
      killedBy: faults.access,
      sends: `The good service token with ${certificates}.`,
      expects: expectsRefusal(row, 'access.commonNames'),
    },
    async (run) => nearNameRefused(run, await named(run), row),
  )
}
