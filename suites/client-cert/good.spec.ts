import { type CheckMeta, check } from '../../fixtures/catalogue.ts'
import type { GoodId } from '../../harness/pki/mint.ts'
import { originHeader } from '../../harness/probe/canary.ts'

const base = {
  severity: 'medium',
  kind: 'should',
  profile: 'default',
  needs: ['mtls', 'defect:expired-day'],
} as const satisfies Partial<CheckMeta>

interface Row {
  id: string
  identity: GoodId
  title: string
  why: string
  sends: string
  grounds: string[]
  fault: string
  remediation: string
}

const rows: Row[] = [
  {
    id: 'validity-9999',
    identity: 'valid-long',
    title: 'a certificate without a planned end (99991231235959Z) is let in',
    why: 'Device certificates use this date (RFC 5280 §4.1.2.5). A parser that stops at 2049 locks every such device out.',
    sends: 'A valid certificate whose notAfter is 31 December 9999.',
    grounds: ['RFC 5280 §4.1.2.5', 'catalogue CRT-09'],
    fault: 'edge.refuses-long-validity',
    remediation: 'Let the TLS library compare dates; do not parse them with two-digit years.',
  },
  {
    id: 'via-intermediate',
    identity: 'valid-via-intermediate',
    title: 'a certificate of an intermediate CA, sent with its chain, is let in',
    why: 'The verification depth of some servers is 1 by default: only certificates issued by the root itself pass.',
    sends: 'A valid leaf with its intermediate.',
    grounds: ['RFC 5280 §6.1', 'RFC 8446 §4.4.2'],
    fault: 'edge.refuses-intermediates',
    remediation:
      'Raise the verification depth.\n\nnginx:\n  ssl_verify_depth 3;\n\nhttpd:\n  SSLVerifyDepth 3',
  },
]

for (const { id, identity, fault, ...texts } of rows) {
  check(`client-cert.${id}`, { ...base, ...texts, expects: 'Let in.', killedBy: [fault] }, async (run) => {
    const twin = await run.attempt({ identity: await run.identity('valid'), label: 'plain valid' })
    if (twin.verdict !== 'allowed')
      run.blocked(twin.summary, 'the plain valid certificate was not let in either')
    await run.allowed({ identity: await run.identity(identity) })
  })
}

check(
  'client-cert.extra-certificates',
  {
    ...base,
    title: 'unrelated certificates sent behind the chain change nothing',
    grounds: ['RFC 8446 §4.4.2 (the first is the sender’s own)', 'catalogue CRT-20'],
    killedBy: ['edge.refuses-extra-certificates'],
    why: 'Clients send what is in their file. A verifier that insists on exact order refuses good clients.',
    sends: 'The valid leaf followed by somebody else’s certificate.',
    expects: 'Let in.',
    remediation: 'Build the path from the first certificate and ignore what does not belong to it.',
  },
  async (run) => {
    const twin = await run.attempt({ identity: await run.identity('valid'), label: 'plain valid' })
    if (twin.verdict !== 'allowed')
      run.blocked(twin.summary, 'the plain valid certificate was not let in either')
    await run.allowed({ identity: await run.identity('valid-with-extra-certificates') })
  },
)

check(
  'client-cert.identity-is-first',
  {
    ...base,
    severity: 'critical',
    kind: 'must',
    needs: ['mtls', 'defect:expired-day', 'canary', 'forwarded:fingerprint'],
    title: 'the identity is the first certificate, whatever is sent behind it',
    grounds: ['RFC 8446 §4.4.2', 'CVE-2023-2422 (Keycloak)', 'catalogue CRT-20'],
    killedBy: ['edge.identity-from-last-certificate'],
    why: 'Certificates are public. Whoever takes the identity from the wrong element of the list lets a client be anybody whose certificate it can append.',
    sends: 'The valid leaf followed by another person’s certificate.',
    expects: 'The origin is told the fingerprint of the first certificate.',
    remediation:
      'Take the subject from the certificate whose possession was proven: the first of the Certificate message.',
  },
  async (run) => {
    const identity = await run.identity('valid-with-extra-certificates')
    const { canary } = await run.control({ identity })
    const name = run.target.mtls?.forwarded.fingerprint ?? ''
    const told = canary === undefined ? [] : originHeader(canary, name)
    run.expect(
      told.length === 1 && told[0]?.toLowerCase() === identity.fingerprint256,
      'the first certificate’s fingerprint',
      `the origin was told ${told.join(', ') || 'nothing'}, not ${identity.fingerprint256}`,
    )
  },
)
