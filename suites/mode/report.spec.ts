import { type CheckMeta, check } from '../../fixtures/catalogue.ts'
import type { CheckContext } from '../../fixtures/context.ts'
import type { Try } from '../../fixtures/environment.ts'
import { reportTarget } from '../../fixtures/needs.ts'
import type { ForwardedField, Target } from '../../harness/deployment/types.ts'
import { type CertificateFacts, describeCertificate } from '../../harness/pki/describe.ts'
import type { DefectId } from '../../harness/pki/types.ts'
import { originHeader } from '../../harness/probe/canary.ts'
import { verifyChain } from '../remedies.ts'

const remediation = `In report mode the edge decides nothing: it must tell the origin exactly one of three things, and the origin must treat “missing” like “none”.

nginx cannot do it for every certificate: with \`optional_no_ca\` it still answers 400 itself for expired certificates and bad signatures. What it lets through it reports as NONE, SUCCESS or FAILED:reason in $ssl_client_verify.

HAProxy (ssl_c_verify alone is 0 for “no certificate” too):
  bind :443 ssl crt site.pem ca-file client-ca.pem verify optional ca-ignore-err all crt-ignore-err all
  http-request set-header cf-cert-verified none unless { ssl_c_used }
  http-request set-header cf-cert-verified valid if { ssl_c_used } { ssl_c_verify 0 }
  http-request set-header cf-cert-verified invalid if { ssl_c_used } !{ ssl_c_verify 0 }

Cloudflare edge: the managed transform “Add TLS client auth headers”; the origin must also test cf-cert-revoked.`

const base = {
  severity: 'critical',
  kind: 'must',
  profile: 'default',
  needs: ['report'],
  remediation,
} as const satisfies Partial<CheckMeta>

const targetOf = (run: CheckContext): Target => reportTarget(run.deployment) ?? run.target

async function twinOf(run: CheckContext, target: Target): Promise<Try> {
  return { target, identity: await run.identity('valid', target), label: 'the good twin' }
}

check(
  'mode.report-none',
  {
    ...base,
    title: 'report mode: a request without a certificate passes, with status none',
    grounds: ['catalogue MOD-01'],
    killedBy: ['edge.report-blocks-none', 'edge.report-none-as-valid', 'edge.report-omits-status'],
    why: 'Report mode exists to see who would be locked out. If it blocks, the trial is an outage; if it calls absence success, going to enforce is decided on wrong numbers.',
    sends: 'A request without a certificate to the hostname in report mode.',
    expects: 'The origin is reached and told exactly one status: none.',
  },
  async (run) => {
    await run.reported('none', { target: targetOf(run) })
  },
)

check(
  'mode.report-valid',
  {
    ...base,
    title: 'report mode: a valid certificate passes, with status valid',
    grounds: ['catalogue MOD-03'],
    killedBy: ['edge.report-valid-as-invalid'],
    why: 'Good clients reported as bad make everybody doubt the report.',
    sends: 'A request with a valid certificate.',
    expects: 'The origin is told exactly one status: valid.',
  },
  async (run) => {
    const target = targetOf(run)
    await run.reported('valid', { target, identity: await run.identity('valid', target) })
  },
)

const invalids = [
  { defect: 'unknown-ca', what: 'a certificate of an unknown CA' },
  { defect: 'expired-day', what: 'an expired certificate' },
  { defect: 'self-signed', what: 'a self-signed certificate' },
  { defect: 'signature-tampered', what: 'a certificate with an altered signature' },
] as const satisfies { defect: DefectId; what: string }[]

for (const { defect, what } of invalids) {
  check(
    `mode.report-${defect}`,
    {
      ...base,
      title: `report mode: ${what} passes, with status invalid`,
      grounds: [
        'cloudflare-docs client-certificates/troubleshooting (NONE, SUCCESS, FAILED:reason)',
        'catalogue MOD-02',
      ],
      killedBy: ['edge.report-blocks-invalid', 'edge.report-invalid-as-valid', `edge.accepts-${defect}`],
      why: 'The origin (or a rule behind it) acts on this word. Valid where it should say invalid is an open door; a block where it should report is an outage.',
      sends: `A request with ${what}.`,
      expects: 'The origin is reached and told exactly one status: invalid, never valid.',
    },
    async (run) => {
      const target = targetOf(run)
      if (run.can([defect], target).length === 0)
        return run.skip('needs mtls.ca.key of the hostname in report mode')
      const outcome = await run.reported(
        'invalid',
        { target, identity: await run.identity(defect, target) },
        await twinOf(run, target),
      )
      run.reached = run.status(outcome, target) === 'valid'
    },
  )
}

check(
  'mode.report-revoked',
  {
    ...base,
    title: 'report mode: a revoked certificate is never reported as valid',
    grounds: [
      'cloudflare-docs api-shield/security/mtls/configure (cert_verified stays true)',
      'catalogue MOD-05',
    ],
    killedBy: [
      'edge.report-revoked-as-valid',
      'edge.report-blocks-invalid',
      'edge.report-invalid-as-valid',
      'edge.accepts-revoked',
    ],
    why: 'A revoked certificate verifies: its chain and dates are good. Who forwards only the result of the verification forwards “valid”.',
    sends: 'A request with a certificate whose serial number is on the CRL.',
    expects: 'The origin is told invalid (or a word of its own), never valid.',
  },
  async (run) => {
    const target = targetOf(run)
    if (run.can(['revoked'], target).length === 0)
      return run.skip('needs mtls.crl and mtls.ca.key of the hostname in report mode')
    await run.reported(
      'invalid',
      { target, identity: await run.identity('revoked', target) },
      await twinOf(run, target),
    )
  },
)

check(
  'mode.absence-is-not-success',
  {
    ...base,
    title: 'report mode: the signals for “no certificate” and “valid” differ',
    grounds: ['measured: HAProxy ssl_c_verify is 0 for both', 'denoland/deno#34366', 'catalogue MOD-04'],
    killedBy: ['edge.report-none-as-valid', 'edge.report-omits-status'],
    why: 'The commonest silent failure of certificate headers: the value that means “verified” is also the value of “there was nothing to verify”.',
    sends:
      'One request without a certificate and one with a valid certificate; everything the origin was told about certificates is compared.',
    expects: 'The status header is there both times, with different values.',
  },
  async (run) => {
    const target = targetOf(run)
    const name = target.mtls?.forwarded.status ?? ''
    const none = await run.control({ target, label: 'no certificate' })
    const valid = await run.control({ target, identity: await run.identity('valid', target) })
    const [a, b] = [none, valid].map(({ canary }) => (canary === undefined ? [] : originHeader(canary, name)))
    run.expect(
      a?.length === 1 && b?.length === 1,
      'the status is always there',
      `${name} is ${a?.length === 1 ? 'repeated or missing with a certificate' : 'repeated or missing without a certificate'}`,
    )
    run.expect(a?.[0] !== b?.[0], `“${a?.[0] ?? ''}” against “${b?.[0] ?? ''}”`, `both are “${a?.[0] ?? ''}”`)
  },
)

check(
  'mode.report-private',
  {
    ...base,
    severity: 'low',
    title: 'report mode: the status is told to the origin only, not to the client',
    grounds: ['RFC 9440 §2.2', 'catalogue MOD-14'],
    killedBy: ['edge.report-leaks-status'],
    why: 'An oracle for whoever tries certificates, and a header that a cache may hand to the next client.',
    sends: 'Requests without and with a valid certificate; the response headers are read.',
    expects: 'None of the forwarded header names occurs in a response.',
  },
  async (run) => {
    const target = targetOf(run)
    const names = new Set(Object.values(target.mtls?.forwarded ?? {}).map((name) => name.toLowerCase()))
    for (const identity of [undefined, await run.identity('valid', target)]) {
      const { http } = await run.control({ target, ...(identity === undefined ? {} : { identity }) })
      const leaked = (http?.headers ?? [])
        .filter(([name]) => names.has(name.toLowerCase()))
        .map(([name]) => name)
      run.expect(
        leaked.length === 0,
        'no certificate header in the response',
        `the response carries ${leaked.join(', ')}`,
      )
    }
  },
)

const fields: {
  field: ForwardedField
  what: string
  fault: string
  read: (leaf: CertificateFacts) => string[]
}[] = [
  {
    field: 'ski',
    what: 'subject key identifier',
    fault: 'edge.report-wrong-ski',
    read: ({ ski }) => [ski ?? ''],
  },
  {
    field: 'issuerSki',
    what: 'issuer’s key identifier',
    fault: 'edge.report-wrong-issuer-ski',
    read: ({ aki }) => [aki ?? ''],
  },
  {
    field: 'subject',
    what: 'subject',
    fault: 'edge.report-wrong-subject',
    read: ({ subject }) => Object.values(subject),
  },
  {
    field: 'issuer',
    what: 'issuer',
    fault: 'edge.report-wrong-issuer',
    read: ({ issuer }) => Object.values(issuer),
  },
  {
    field: 'serial',
    what: 'serial number',
    fault: 'edge.report-wrong-serial',
    read: ({ serial }) => [serial],
  },
  {
    field: 'fingerprint',
    what: 'SHA-256 fingerprint',
    fault: 'edge.report-wrong-fingerprint',
    read: ({ fingerprint256 }) => [fingerprint256],
  },
  {
    field: 'notBefore',
    what: 'start of validity',
    fault: 'edge.report-wrong-not-before',
    read: ({ notBefore }) => [notBefore],
  },
  {
    field: 'notAfter',
    what: 'end of validity',
    fault: 'edge.report-wrong-not-after',
    read: ({ notAfter }) => [notAfter],
  },
]

/** Case, colons and spaces are the edge's choice of format; the value is not. */
const normal = (text: string): string => text.toLowerCase().replace(/[\s:]/g, '')

for (const { field, what, fault, read } of fields) {
  check(
    `mode.report-field-${field.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`,
    {
      ...base,
      severity: 'high',
      needs: ['report', `forwarded:${field}`],
      title: `report mode: the forwarded ${what} is the certificate’s own`,
      grounds: ['cloudflare-docs ssl/client-certificates/client-certificate-variables', 'RFC 9440 §2'],
      killedBy: [fault],
      why: 'The origin tells devices apart by these headers. A wrong one is a device that acts as another.',
      sends: 'A request with a valid certificate; the forwarded header is compared with the certificate.',
      expects: `Exactly one header, with the ${what} of the certificate that was presented.`,
      remediation: verifyChain,
    },
    async (run) => {
      const target = targetOf(run)
      const name = target.mtls?.forwarded[field]
      if (name === undefined) return run.skip(`needs mtls.forwarded.${field} of the hostname in report mode`)
      const identity = await run.identity('valid', target)
      const outcome = await run.control({ target, identity })
      if (run.status(outcome, target) !== 'valid') {
        run.blocked(outcome.summary, 'the certificate was not reported as valid: see mode.report-valid')
      }
      const { canary } = outcome
      const told = canary === undefined ? [] : originHeader(canary, name)
      const leaf = describeCertificate(identity.cert)
      const expected = leaf.ok ? read(leaf.facts) : []
      const same = told.length === 1 && expected.some((value) => normal(value) === normal(told[0] ?? ''))
      run.expect(
        same,
        `${name}: ${told[0] ?? ''}`,
        `${name} is ${told.length === 0 ? 'missing' : `“${told.join('”, “')}”`} instead of “${expected[0] ?? ''}”`,
      )
    },
  )
}
