import { get } from 'node:http'
import { type CheckMeta, check } from '../../fixtures/catalogue.ts'
import type { CheckContext } from '../../fixtures/context.ts'
import { type Authority, createAuthority, loadAuthority } from '../../harness/pki/authority.ts'
import { oid, primitive, sequence } from '../../harness/pki/der/write.ts'
import { crlDistributionPoints, type Extension } from '../../harness/pki/extensions.ts'
import { extensionOids } from '../../harness/pki/oids.ts'
import { fetchNothing } from '../remedies.ts'
import { heard, type Listener, listenOn, ownAddress } from './listener.ts'

const faults = ['edge.fetches-issuer', 'edge.fetches-crl', 'edge.fetches-ocsp'] as const

const base = {
  profile: 'default',
  needs: ['mtls'],
  grounds: [
    'CVE-2026-21945 (Java)',
    'GitHub Security Lab: mTLS, when certificate authentication is done wrong',
  ],
  killedBy: [...faults],
  remediation: fetchNothing,
} as const satisfies Partial<CheckMeta>

/** authorityInfoAccess (RFC 5280 §4.2.2.1). */
const informationAccess = (origin: string): Extension => ({
  oid: extensionOids.authorityInfoAccess,
  critical: false,
  value: sequence(
    sequence(oid('1.3.6.1.5.5.7.48.1'), primitive(6, Buffer.from(`${origin}/ocsp`))),
    sequence(oid('1.3.6.1.5.5.7.48.2'), primitive(6, Buffer.from(`${origin}/issuer.cer`))),
  ),
})

/** How long a server is given to follow a URL: it does so while it verifies. */
const patience = 400

/** Shows a certificate full of URLs to our own listener, in every TLS version, and tells what was asked for. */
async function followed(run: CheckContext, authority: Authority): Promise<string[]> {
  const own = await ownAddress(run.target, run.deployment.deadline)
  if (own === undefined)
    return run.skip('the server cannot reach a listener here: run it from a host in the same network')
  const listener = await listenOn(own)
  try {
    await requireListening(run, listener)
    for (const version of run.versions()) {
      const identity = await authority.issue({
        name: 'certificate with URLs',
        extensions: [
          informationAccess(listener.origin),
          crlDistributionPoints([`${listener.origin}/list.crl`]),
        ],
      })
      await run.attempt({ version, identity, label: `URLs of ${listener.origin}` })
    }
    return await heard(listener, patience)
  } finally {
    listener.close()
  }
}

/** The positive control: the listener hears. */
async function requireListening(run: CheckContext, listener: Listener): Promise<void> {
  await new Promise<void>((resolve) => {
    get(`${listener.origin}/control`, { agent: false }, (answer) =>
      answer.resume().once('close', () => resolve()),
    ).once('error', () => resolve())
  })
  if (listener.hits.splice(0).length === 0) run.inconclusive('the listener does not hear')
}

check(
  'side-effects.untrusted-urls',
  {
    ...base,
    severity: 'high',
    kind: 'must',
    title: 'URLs in a stranger’s certificate are not followed',
    grounds: [...base.grounds, 'catalogue SSR-01'],
    why: 'A server that fetches the issuer, the CRL or the OCSP answer named in a certificate, before it knows that it trusts it, makes requests for anybody: into its own network, to metadata services, and with its own name.',
    sends:
      'In each TLS version a certificate of an unknown CA with caIssuers, OCSP and CRL URLs that lead to a listener here.',
    expects: 'Nobody asks the listener.',
  },
  async (run) => {
    const stranger = await createAuthority({ name: 'CN=harness stranger' })
    const hits = await followed(run, stranger)
    run.expect(
      hits.length === 0,
      'nobody asked the listener',
      `the listener was asked for ${hits.join(', ')}`,
    )
  },
)

check(
  'side-effects.trusted-urls',
  {
    ...base,
    severity: 'medium',
    kind: 'observe',
    profile: 'full',
    title: 'URLs in a valid certificate are not followed',
    needs: ['mtls', 'valid-other'],
    grounds: [...base.grounds, 'catalogue SSR-02'],
    why: 'Where revocation is looked up online this is wanted, and then the verdict depends on that server’s answer and on its being up. Where nobody configured it, it is a surprise.',
    sends:
      'In each TLS version a certificate of the deployment’s CA with caIssuers, OCSP and CRL URLs that lead to a listener here.',
    expects: 'Nobody asks the listener; or somebody configured that it is asked.',
  },
  async (run) => {
    const ca = run.target.mtls?.ca
    if (ca === undefined) return run.skip('needs mtls.ca.key')
    const hits = await followed(run, await loadAuthority(ca))
    run.expect(
      hits.length === 0,
      'nobody asked the listener',
      `the listener was asked for ${hits.join(', ')}`,
    )
  },
)
