/**
 * An account with Access for tests: state made by hand, requests asked of the gate directly.
 * @module
 */
import { Readable } from 'node:stream'
import { type Authority, createAuthority } from '../../../pki/authority.ts'
import { fingerprint } from '../../../pki/certificate.ts'
import { describeCertificate } from '../../../pki/describe.ts'
import type { SubjectAltNames } from '../../../pki/extensions.ts'
import { certificatesIn } from '../../../pki/pem.ts'
import { type FaultId, selectFaults } from '../../faults.ts'
import type { Idp } from '../../idp/idp.ts'
import type {
  AccessApplication,
  AccessIdentityProvider,
  AccessKeys,
  AccessObjects,
  AccessPolicy,
  AccessServiceToken,
} from '../../state/access-types.ts'
import { hashOf, newId, newTag, newUuid } from '../../state/ids.ts'
import { createStore, type Store } from '../../state/store.ts'
import type { AccountState, LabState, ZoneState } from '../../state/types.ts'
import type { AccessGateOptions } from '../context.ts'
import { createAccessGate } from '../gate.ts'
import { emptyAccessObjects } from '../initial.ts'
import { createKeys } from '../keys.ts'
import type { AccessDecision, AccessGate, AccessRequest, PresentedCertificate } from '../types.ts'

/** The team of the tests. */
export const team = 'lab.cloudflareaccess.com'
/** Port of the edge that the tests pretend. */
export const port = 8443

const hostnames = ['app.harness.test', 'other.harness.test', 'deep.app.harness.test', 'harness.test']

const made = new Map<string, Promise<AccessKeys>>()
/** RSA keys take long; all worlds begin with the same ones, copied. */
async function commonKeys(of: 'team' | 'foreign'): Promise<AccessKeys> {
  const keys = made.get(of) ?? createKeys(Date.now())
  made.set(of, keys)
  return structuredClone(await keys)
}

/** An account, its store and its gate. */
export interface World {
  store: Store
  gate: AccessGate
  account: AccountState
  zone: ZoneState
  /** Makes an application with policies of its own. */
  application(given?: ApplicationGiven): AccessApplication
  policy(given: PolicyGiven, in_?: AccessObjects): AccessPolicy
  /** Makes a service token; the secret is known here only. */
  serviceToken(given?: Partial<AccessServiceToken>): { token: AccessServiceToken; secret: string }
  identityProvider(idp: Idp, config?: AccessIdentityProvider['config']): AccessIdentityProvider
  /** Associates a client CA with hostnames. */
  clientCa(authority: Authority, ...hostnames: string[]): void
  ask(request?: Asking): Promise<AccessDecision>
}

/** Of an application; `policies` are made with it. */
export type ApplicationGiven = Partial<Omit<AccessApplication, 'policies'>> & {
  policies?: PolicyGiven[]
  in?: AccessObjects
}

/** Of a policy: everything but the decision has a default. */
export type PolicyGiven = Partial<AccessPolicy> & Pick<AccessPolicy, 'decision'>

/** Of a request: everything has a default. */
export type Asking = Partial<Omit<AccessRequest, 'headers' | 'body'>> & {
  headers?: Record<string, string | string[]> | [string, string][]
  body?: string
}

/** Makes one. */
export async function createWorld(
  faults: readonly FaultId[] = [],
  options: Partial<AccessGateOptions> = {},
): Promise<World> {
  const state = await initialState()
  const store = createStore(state)
  const account = Object.values(state.accounts)[0] as AccountState
  const zone = Object.values(state.zones)[0] as ZoneState
  const gate = createAccessGate({ store, faults: selectFaults(faults), transferWait: 2000, ...options })
  const dated = () => ({ createdAt: store.timestamp(), updatedAt: store.timestamp() })
  const policy: World['policy'] = (given, place = account.access) => {
    const made: AccessPolicy = {
      id: newUuid(),
      name: 'policy',
      include: [{ everyone: {} }],
      exclude: [],
      require: [],
      sessionDuration: undefined,
      applicationId: undefined,
      extra: {},
      ...dated(),
      ...given,
    }
    place.policies[made.id] = made
    store.changed()
    return made
  }
  return {
    store,
    gate,
    account,
    zone,
    policy,
    application({ policies = [], in: place = account.access, ...given } = {}) {
      const made: AccessApplication = {
        id: newUuid(),
        aud: newTag(),
        name: 'App',
        type: 'self_hosted',
        domains: ['app.harness.test'],
        sessionDuration: '24h',
        policies: policies.map((one) => policy(one, place).id),
        settings: {},
        extra: {},
        ...dated(),
        ...given,
      }
      place.applications[made.id] = made
      store.changed()
      return made
    },
    serviceToken(given = {}) {
      const secret = newTag()
      const token: AccessServiceToken = {
        id: newUuid(),
        name: 'service',
        clientId: `${newId()}.access`,
        secretHash: hashOf(secret),
        secretVersion: 1,
        previous: undefined,
        duration: '8760h',
        expiresAt: undefined,
        lastSeenAt: undefined,
        enabled: true,
        ...dated(),
        ...given,
      }
      account.access.serviceTokens[token.id] = token
      store.changed()
      return { token, secret }
    },
    identityProvider(idp, config = {}) {
      const made: AccessIdentityProvider = {
        id: newUuid(),
        name: 'Lab login',
        type: 'oidc',
        config: {
          client_id: idp.clientId,
          client_secret: idp.clientSecret,
          auth_url: idp.authUrl,
          token_url: idp.tokenUrl,
          certs_url: idp.certsUrl,
          scopes: ['openid', 'email', 'profile', 'groups'],
          claims: [],
          pkce_enabled: true,
          ...config,
        },
        extra: {},
        ...dated(),
      }
      account.access.identityProviders[made.id] = made
      store.changed()
      return made
    },
    clientCa(authority, ...associatedHostnames) {
      const id = newUuid()
      account.access.certificates[id] = {
        id,
        name: 'CA',
        certificate: authority.cert,
        associatedHostnames,
        fingerprint: '',
        expiresOn: store.timestamp(),
        ...dated(),
      }
      store.changed()
    },
    ask: (asking = {}) => gate.decide(requestOf(asking)),
  }
}

/** A complete request. */
export function requestOf({ headers = {}, body, ...asking }: Asking): AccessRequest {
  const list = Array.isArray(headers)
    ? headers
    : Object.entries(headers).flatMap(([name, value]) =>
        [value].flat().map((one): [string, string] => [name, one]),
      )
  return {
    hostname: 'app.harness.test',
    port,
    method: 'GET',
    target: '/',
    remoteAddress: '127.0.0.1',
    certificate: undefined,
    ray: 'ray-1',
    ...asking,
    headers: list,
    body: body === undefined ? undefined : Readable.from([body]),
  }
}

async function initialState(): Promise<LabState> {
  const now = Date.now()
  const [accountId, otherId, zoneId] = [newId(), newId(), newId()]
  const account = async (id: string, authDomain: string): Promise<AccountState> => ({
    id,
    name: 'Lab',
    createdOn: new Date(now).toISOString(),
    mtlsCertificates: {},
    access: {
      ...emptyAccessObjects(),
      organization: {
        name: 'Lab',
        authDomain,
        sessionDuration: '24h',
        strictServiceTokenAuth: false,
        extra: {},
        createdAt: '',
        updatedAt: '',
      },
      keys: await commonKeys(id === accountId ? 'team' : 'foreign'),
      certificateSettings: {},
      certificateSettingsAt: 0,
      users: {},
      revocations: [],
    },
  })
  const setting = <Value extends string>(value: Value) => ({ value, modifiedOn: null })
  return {
    schemaVersion: 1,
    accounts: {
      [accountId]: await account(accountId, team),
      [otherId]: await account(otherId, 'foreign.cloudflareaccess.com'),
    },
    zones: {
      [zoneId]: {
        id: zoneId,
        name: 'harness.test',
        accountId,
        createdOn: '',
        modifiedOn: '',
        settings: { ssl: setting('full'), tls_client_auth: setting('off') },
        clientCertificates: {},
        hostnameAssociations: {},
        rulesets: {},
        managedRequestHeaders: [],
        originPulls: { enabled: false, zoneCertificates: {}, hostnameCertificates: {}, associations: {} },
        access: emptyAccessObjects(),
      },
    },
    hostnames: Object.fromEntries(
      hostnames.map((hostname) => [hostname, { hostname, zoneId, what: '', origin: 'main' }]),
    ),
    credentials: {},
    delays: { deployment: 0, deletion: 0, revocation: 0, sessionRevocation: 25_000, certificateSettings: 0 },
  }
}

/** A certificate as the edge would present it. */
export async function presented(
  authority: Authority,
  subject: string,
  given: Partial<PresentedCertificate> = {},
  san?: SubjectAltNames,
): Promise<PresentedCertificate> {
  const { cert } = await authority.issue({ subject, ...(san === undefined ? {} : { san }) })
  const described = describeCertificate(cert)
  if (!described.ok) throw new Error(described.error)
  const anchor = certificatesIn(authority.cert).map((der) => fingerprint(der))[0]
  return { facts: described.facts, valid: true, revoked: false, anchor, ...given }
}

/** A client CA. */
export const createCa = (name: string): Promise<Authority> => createAuthority({ name: `CN=${name}` })
