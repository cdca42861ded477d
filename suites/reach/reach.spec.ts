import { check } from '../../fixtures/catalogue.ts'
import { requireCertificate } from '../remedies.ts'
import { likeUsual } from '../usual.ts'

check(
  'reach.tls',
  {
    title: 'the hostname completes a TLS handshake',
    severity: 'critical',
    kind: 'must',
    profile: 'quick',
    needs: [],
    grounds: ['RFC 8446 §4', 'RFC 5246 §7.4'],
    killedBy: ['edge.handshake-fails', 'edge.not-listening'],
    why: 'Everything else is measured through this connection. A host that does not speak TLS protects nothing, and refuses everybody for the wrong reason.',
    sends: 'A ClientHello for TLS 1.2 and 1.3 with the hostname as SNI, without a certificate.',
    expects: 'A ServerHello in TLS 1.2 or 1.3.',
    remediation:
      'Check the address and port, and the server certificate for this name in the server’s configuration.\n\n  openssl s_client -connect ADDRESS:443 -servername HOST',
  },
  async (run) => {
    const { transcript, summary } = await run.attempt({})
    const version = transcript?.version
    run.expect(
      version === 'TLSv1.2' || version === 'TLSv1.3',
      `${version ?? ''} with ${transcript?.cipher ?? ''}`,
      summary,
    )
  },
)

check(
  'reach.server-certificate',
  {
    title: 'the server certificate is trusted and names the host',
    severity: 'high',
    kind: 'must',
    profile: 'quick',
    needs: [],
    grounds: ['RFC 9525 §6', 'RFC 5280 §6.1'],
    killedBy: ['edge.server-certificate-expired', 'edge.server-certificate-other-name'],
    why: 'Clients that check the server (all of them should) cannot connect otherwise; operators then switch verification off, and mutual TLS becomes one-sided.',
    sends:
      'A handshake; the server’s chain is verified against the deployment’s `trust`, or the system roots.',
    expects: 'The chain verifies, is in date, and the certificate names the hostname.',
    remediation:
      'Install a current certificate for the hostname with its intermediates. If it is signed by your own CA, say so in the deployment file:\n\n  trust: ./server-ca.pem',
  },
  async (run) => {
    // TLS 1.2 ends before our side has verified the server where a certificate is required: a valid one gets further.
    const identity = await run.valid()
    const { tls, summary, transcript } = await run.attempt(identity === undefined ? {} : { identity })
    if (tls === undefined && identity === undefined && transcript?.certificateRequest !== undefined) {
      return run.skip('refused before the server certificate was verified: needs mtls.identities')
    }
    if (tls === undefined) return run.blocked(summary, 'no TLS connection: see reach.tls')
    const error = tls.trustError ?? ''
    if (!tls.trusted && run.target.trust === undefined) {
      run.warn(
        `not verified against the system roots (${error})`,
        'nothing says which CA signs it: give trust in the deployment file',
      )
    }
    run.expect(tls.trusted, 'trusted, names the host', `not trusted: ${error}`)
  },
)

check(
  'reach.canary',
  {
    title: 'the canary answers with a fresh nonce every time',
    severity: 'high',
    kind: 'must',
    profile: 'default',
    needs: ['visitor', 'canary'],
    grounds: ['catalogue §6 rule 2', 'RFC 9111 §4 (a cache may replay an answer, nonce included)'],
    killedBy: ['edge.caches-canary'],
    why: 'The nonce is the proof of every allowed request. A cache that replays it would make refused requests look allowed, or the other way round.',
    sends:
      'Two requests to the canary with different challenges, with a valid certificate where certificates are not declared off.',
    expects: 'Each answer repeats its own challenge with a nonce never seen before.',
    remediation:
      'Exclude the canary path from every cache and make it answer `Cache-Control: no-store`.\n\n  harness canary node      prints an endpoint that does',
  },
  async (run) => {
    const like = run.target.mtls?.mode === 'off' ? {} : { identity: await run.identity('valid') }
    for (const label of ['first request', 'second request']) {
      const { verdict, http, summary } = await run.attempt({ ...like, label })
      if (verdict === 'refused') run.blocked(summary, 'a request that should be let in was not')
      if (http === undefined) run.inconclusive(summary)
      run.expect(verdict === 'allowed', summary, `an answer, but not to this challenge: ${summary}`)
    }
  },
)

check(
  'reach.plain-http-on-tls-port',
  {
    title: 'the TLS port does not serve the application in clear text',
    severity: 'critical',
    kind: 'must',
    profile: 'default',
    needs: ['mtls'],
    grounds: ['catalogue TLS-23', 'traefik/traefik#12949'],
    killedBy: ['edge.plain-http-on-tls-port'],
    why: 'A listener that accepts both sees no client certificate in the clear-text case, and often no policy either.',
    sends: 'An HTTP/1.1 request without TLS to the TLS port.',
    expects: 'Closed, a TLS alert, or an error answer; never the application.',
    remediation: requireCertificate,
  },
  async (run) => {
    const outcome = await run.attempt({ tls: false })
    run.reached = outcome.verdict === 'allowed'
    run.expect(
      outcome.verdict !== 'allowed',
      outcome.summary,
      `clear text reaches the application: ${outcome.summary}`,
    )
    await likeUsual(run, outcome, outcome.summary)
  },
)

check(
  'reach.plain-port',
  {
    title: 'no plain HTTP port leads to the application',
    severity: 'critical',
    kind: 'must',
    profile: 'default',
    needs: ['mtls', 'ports.plain'],
    grounds: ['catalogue TLS-23', 'catalogue SVC-12'],
    killedBy: ['edge.plain-http'],
    why: 'Client certificates exist only in TLS. A port that forwards plain HTTP to the same application is a way around all of them.',
    sends: 'An HTTP/1.1 request with the protected Host to each port of `ports.plain` (port 80 by default).',
    expects: 'Nothing listens, or a redirect to https without content.',
    remediation:
      'Close the port, or let it do nothing but redirect.\n\nnginx:\n  server { listen 80; server_name HOST; return 301 https://$host$request_uri; }\n\nCloudflare edge: switch “Always Use HTTPS” on, and block plain requests to mTLS hostnames with a rule on `not ssl`.',
  },
  async (run) => {
    for (const port of run.deployment.ports.plain) {
      const outcome = await run.attempt({ tls: false, port, label: `port ${port}` })
      run.reached = outcome.verdict === 'allowed'
      run.expect(
        outcome.verdict !== 'allowed',
        `port ${port}: ${outcome.summary}`,
        `port ${port} reaches the application: ${outcome.summary}`,
      )
      await likeUsual(run, outcome, `port ${port}: ${outcome.summary}`)
    }
  },
)

check(
  'reach.tls-ports',
  {
    title: 'no other TLS port leads past the client certificate',
    severity: 'critical',
    kind: 'must',
    profile: 'quick',
    needs: ['mtls', 'ports.tls'],
    grounds: [
      'catalogue TLS-23',
      'cloudflare-docs fundamentals, network ports (443, 2053, 2083, 2087, 2096, 8443)',
    ],
    killedBy: ['edge.other-port-open', 'edge.accepts-no-certificate', 'edge.open-in-1.3'],
    why: 'An edge serves every hostname on all of its TLS ports, and a second listener is a second configuration. A rule that names a port, or a listener that was forgotten, lets everybody in who tries another number.',
    sends:
      'A handshake without a certificate and one request to each port of `ports.tls`; from outside, to those of the documented edge ports that answer.',
    expects: 'Nothing listens, or the refusal of the main port; in report mode passed with status none.',
    remediation: `${requireCertificate}\n\nLeave the port out of rules, or close the others:\n\nCloudflare edge (a custom rule, before the others; PATCH changes this one rule only):\n  PATCH /zones/<zone>/rulesets/<ruleset>/rules/<rule>\n        {"action":"block","enabled":true,"expression":"http.host eq \\"<HOST>\\" and not cf.edge.server_port in {80 443}"}`,
  },
  async (run) => {
    const twin = await run.validTwin()
    for (const port of run.deployment.ports.tls) {
      const wanted = { port, label: `nobody, port ${port}` }
      const first = await run.attempt(wanted)
      // Not TLS, or nobody there: no way in.
      const isClosed = first.layer === 'tcp' || first.transcript?.version === undefined
      if (isClosed || (!run.provable && first.verdict === 'refused')) {
        await likeUsual(run, first, `port ${port}: ${first.summary}`)
        run.hold(`port ${port}: ${first.summary}`)
      } else if (run.provable)
        await run.rejected('none', wanted, twin === undefined ? undefined : { ...twin, port })
      // Another service may well live on another port: without a proof nobody can tell.
      else
        run.warn(
          `port ${port}: ${first.summary}`,
          'is it the same application? Give canary or requests, and ports.tls',
        )
    }
  },
)
