import { X509Certificate } from 'node:crypto'
import { type CheckMeta, check } from '../../fixtures/catalogue.ts'
import { onlyIfShut, shut, unreachable } from './direct.ts'
import { moreThanAddresses, pinIdentity } from './remedy.ts'

const base = { severity: 'high', profile: 'default' } as const satisfies Partial<CheckMeta>

check(
  'origin.other-identity',
  {
    ...base,
    kind: 'must',
    title: 'the origin takes the edge’s certificate, and no other one of the same CA',
    needs: ['origin', 'origin.tls', 'origin.identity', 'origin.other-identity'],
    grounds: [
      'Cloudflare Authenticated Origin Pulls: certificates of your own CA',
      'RFC 5280 §6.1 (a good path says nothing of whose it is)',
      'catalogue ORI-06',
    ],
    killedBy: ['origin.pins-nobody', 'origin.trusts-client-ca', 'origin.trusts-shared-ca'],
    why: 'A CA signs for more than one client. Where the origin only verifies the chain, every one of them is the edge: monitoring, a partner, a laptop of last year.',
    sends:
      'A request to the origin’s address with the certificate of origin.otherIdentity, which the CA of the edge’s certificate has issued; then the same with the edge’s.',
    expects:
      'A refusal of any kind, where the same request with the edge’s certificate is answered. Whether the other certificate is refused for its name, or for being revoked, cannot be told from outside.',
    remediation: pinIdentity,
  },
  async (run) => {
    await onlyIfShut(run)
    const { otherIdentity } = run.deployment.origin ?? {}
    const identity = otherIdentity ?? run.skip('needs origin.otherIdentity')
    const { validToDate: end } = new X509Certificate(identity.cert)
    if (end.getTime() < Date.now())
      run.skip(`the certificate of origin.otherIdentity ended on ${end.toISOString().slice(0, 10)}`)
    await shut(run, { identity, label: 'another client of the same CA' }, { any: true })
  },
)

check(
  'origin.allow-list-only',
  {
    ...base,
    kind: 'should',
    title: 'a list of addresses is not all that protects the origin',
    needs: ['origin', 'origin.allow-list'],
    grounds: [
      'Cloudflare Authenticated Origin Pulls: addresses prove the network, not the account',
      'catalogue ORI-05b, ORI-07',
    ],
    killedBy: ['origin.allow-list-only', 'origin.open', 'origin.optional'],
    why: 'The addresses of an edge are those of all its customers: anybody with an account can have it fetch from your origin, under a hostname and by rules of their own. Whoever else is on the list (an office, a bastion host, a load balancer) goes around the edge.',
    sends:
      'A request to the origin’s address without a certificate. Only from an address on the list does it show what there is beside the list; that somebody else’s zone gets through as well is not tried: that takes a second account.',
    expects:
      'A refusal for the missing certificate, where the same request with the edge’s is answered. Where this machine is not on the list, origin.pulls has to declare a certificate at least.',
    remediation: moreThanAddresses,
  },
  async (run) => {
    const attempt = run.originTry({ label: 'from this address, without a certificate' })
    const first = await run.attempt(attempt)
    run.reached = first.verdict === 'allowed'
    run.expect(
      first.verdict !== 'allowed',
      first.summary,
      `this address is let in, and needs nothing else: ${first.summary}`,
    )
    run.expect(
      run.deployment.origin?.pulls !== 'none',
      'the deployment declares a certificate beside the list',
      `no certificate is declared beside the list (origin.pulls: none); from here: ${first.summary}`,
    )
    if (unreachable(first))
      run.skip('not reachable from here: what there is beside the list shows from an address on it only')
    await shut(run, { label: 'from this address, without a certificate' })
  },
)
