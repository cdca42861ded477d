/**
 * Access as a lab starts with it: two applications of one team, each with a service token; people log in where there is an
 * identity provider.
 * @module
 */
import { createHash, X509Certificate } from 'node:crypto'
import { accounts, namedCertificate, payroll, staff, strongroom, vault } from '../hostnames.ts'
import type { LabMaterial } from '../material.ts'
import type {
  AccessApplication,
  AccessIdentityProvider,
  AccessPolicy,
  AccessRule,
  AccessServiceToken,
} from './access-types.ts'
import { hashOf, newTag, newUuid } from './ids.ts'
import type { Store } from './store.ts'

/** What Access has to know of the identity provider. */
export interface SeedIdp {
  issuer: string
  clientId: string
  clientSecret: string
  authUrl: string
  tokenUrl: string
  certsUrl: string
}

/** Puts applications, policies and service tokens into the operator's account. */
export function seedAccess(
  store: Store,
  { serviceTokens, clientCas }: LabMaterial,
  idp: SeedIdp | undefined,
): void {
  const access = store.state.accounts[accounts.lab.id]?.access
  if (access === undefined) return
  const at = store.timestamp()
  const dated = { createdAt: at, updatedAt: at }
  const put = <Item extends { id: string }>(into: Record<string, Item>, item: Item): Item => {
    into[item.id] = item
    return item
  }
  put(access.identityProviders, identityProvider(idp ?? noIdp, dated))
  const token = ({ id, clientId, secret }: LabMaterial['serviceTokens']['ci'], name: string): string =>
    put(
      access.serviceTokens,
      serviceToken({ id, clientId, secretHash: hashOf(secret) }, name, store.now(), dated),
    ).id
  const policy = (
    name: string,
    decision: AccessPolicy['decision'],
    include: AccessRule[],
    require: AccessRule[] = [],
  ): string =>
    put(access.policies, {
      id: newUuid(),
      name,
      decision,
      include,
      exclude: [],
      require,
      sessionDuration: undefined,
      applicationId: undefined,
      extra: {},
      ...dated,
    }).id
  const application = (
    name: string,
    domain: string,
    policies: string[],
    settings: AccessApplication['settings'] = {},
  ): AccessApplication =>
    put(access.applications, {
      id: newUuid(),
      aud: newTag(),
      name,
      type: 'self_hosted',
      domains: [domain],
      sessionDuration: '24h',
      policies,
      settings,
      extra: {},
      ...dated,
    })
  const { ci, payroll: payrollToken, vault: vaultToken } = serviceTokens
  application('staff', staff.hostname, [
    policy('ci may in', 'non_identity', [{ service_token: { token_id: token(ci, 'ci') } }]),
    policy('everybody who logs in', 'allow', [{ everyone: {} }]),
  ])
  application(
    'payroll',
    payroll.hostname,
    [
      policy('payroll jobs may in', 'non_identity', [
        { service_token: { token_id: token(payrollToken, 'payroll') } },
      ]),
      policy('alice only', 'allow', [{ email: { email: 'alice@harness.test' } }]),
    ],
    { enable_binding_cookie: true },
  )
  const vaultJobs: AccessRule[] = [{ service_token: { token_id: token(vaultToken, 'vault') } }]
  application('vault', vault.hostname, [policy('vault jobs may in', 'non_identity', vaultJobs)])
  const named: AccessRule[] = [{ common_name: { common_name: namedCertificate } }]
  application('strongroom', strongroom.hostname, [
    policy('vault jobs may in, from the machine that is meant', 'non_identity', vaultJobs, named),
  ])
  put(access.certificates, {
    id: newUuid(),
    name: 'machines of the strongroom',
    certificate: clientCas.A.cert,
    associatedHostnames: [strongroom.hostname],
    ...certificateMeta(clientCas.A.cert),
    ...dated,
  })
  store.changed()
}

/** Where there is none, nobody can log in with it; sessions that began with it are good all the same. */
const noIdp: SeedIdp = {
  issuer: 'https://idp.invalid',
  clientId: 'harness-lab',
  clientSecret: '',
  authUrl: 'https://idp.invalid/authorize',
  tokenUrl: 'https://idp.invalid/token',
  certsUrl: 'https://idp.invalid/jwks',
}

interface Dated {
  createdAt: string
  updatedAt: string
}

const identityProvider = (idp: SeedIdp, dated: Dated): AccessIdentityProvider => ({
  id: newUuid(),
  name: 'Harness Lab IdP',
  type: 'oidc',
  config: {
    client_id: idp.clientId,
    client_secret: idp.clientSecret,
    auth_url: idp.authUrl,
    token_url: idp.tokenUrl,
    certs_url: idp.certsUrl,
    scopes: ['openid', 'email', 'profile'],
    claims: ['groups'],
    email_claim_name: 'email',
    pkce_enabled: true,
  },
  extra: {},
  ...dated,
})

/** What the API tells of a client CA. */
function certificateMeta(pem: string): { fingerprint: string; expiresOn: string } {
  const { raw, validToDate } = new X509Certificate(pem)
  const md5 = createHash('md5').update(raw).digest('hex').toUpperCase()
  return { fingerprint: md5.replace(/..(?=.)/g, '$&:'), expiresOn: validToDate.toISOString() }
}

const year = 365 * 86_400_000

const serviceToken = (
  made: Pick<AccessServiceToken, 'id' | 'clientId' | 'secretHash'>,
  name: string,
  now: number,
  dated: Dated,
): AccessServiceToken => ({
  ...made,
  name,
  secretVersion: 1,
  previous: undefined,
  duration: '8760h',
  expiresAt: new Date(now + year).toISOString(),
  lastSeenAt: undefined,
  enabled: true,
  ...dated,
})
