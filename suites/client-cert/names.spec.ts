import { type CheckMeta, check } from '../../fixtures/catalogue.ts'
import type { CheckContext } from '../../fixtures/context.ts'
import { listedTarget } from '../../fixtures/targets.ts'
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
  needs: ['common-names'],
  remediation: requireName,
} as const satisfies Partial<CheckMeta>

/**
 * A hostname whose rule lists names, and a certificate of the first. Whoever has shown a certificate is often refused with
 * another status than nobody: 401 and 403 are about who it is.
 */
function named(run: CheckContext): Promise<Names> {
  const target = listedTarget(run.deployment) ?? run.skip('needs mtls.commonNames')
  return namesOf(run, target, target.mtls?.commonNames ?? [], {
    asking: (identity, label) => ({ target, identity, label }),
    options: { alsoStatus: [401, 403] },
  })
}

check(
  'client-cert.other-name',
  {
    ...base,
    title: 'a valid certificate of the right CA whose name is not listed is refused',
    grounds: [
      'nginx ssl_client_s_dn; HAProxy ssl_c_s_dn; Cloudflare cf.tls_client_auth.cert_subject_dn',
      'CVE-2018-16886 (etcd)',
      'catalogue IDM-01',
    ],
    killedBy: ['config.names-missing'],
    why: 'A CA signs for everybody it knows: other teams, other devices, other tenants. Where only the chain is verified, all of them are let in.',
    sends: 'A certificate of the same CA with another common name, and one without common name.',
    expects: 'Refused, while the certificate that mtls.commonNames lists is let in.',
  },
  async (run) => otherNameRefused(run, await named(run)),
)

for (const row of nearNames) {
  const { id, title, why, severity, grounds, faults, certificates, rule } = row
  check(
    `client-cert.${id}`,
    {
      ...base,
      title,
      why,
      severity,
      grounds,
      ...rule,
      killedBy: faults.rule,
      sends: `${certificates.charAt(0).toUpperCase()}${certificates.slice(1)}.`,
      expects: expectsRefusal(row, 'mtls.commonNames'),
    },
    async (run) => nearNameRefused(run, await named(run), row),
  )
}
