/**
 * The initial state as an operator may have got it wrong, by fault.
 * @module
 */
import { uploadedCertificate } from '../api/uploaded-certificate.ts'
import type { ConfigFaultId } from '../faults/config.ts'
import type { Faults } from '../faults.ts'
import { accounts, type LabHostname, meters, portal, primary, staff, zones } from '../hostnames.ts'
import type { LabMaterial } from '../material.ts'
import type {
  AccessApplicationSettings,
  AccessPolicy,
  AccessRule,
  AccessServiceToken,
} from './access-types.ts'
import { newTag, newUuid } from './ids.ts'
import { issuerPin } from './issuer-pin.ts'
import type { Store } from './store.ts'
import type { AccountState, LabState, Rule, ZoneState } from './types.ts'

interface Scene {
  state: LabState
  zone: ZoneState
  account: AccountState
  material: LabMaterial
  /** Epoch milliseconds. */
  now: number
}

/** The hostname of `config.front-door`. */
export const frontDoor = 'legacy.harness.test'

const day = 86_400_000
const phase = 'http_request_firewall_custom'
const inDays = (now: number, days: number): string => new Date(now + days * day).toISOString()

/** Rules are never changed in place: what was compiled from them is remembered by the object. */
function changeRule(
  { zone }: Scene,
  change: (rule: Rule) => Rule | undefined,
  { hostname }: Pick<LabHostname, 'hostname'> = portal,
): void {
  const ruleset = zone.rulesets[phase]
  if (ruleset === undefined) return
  ruleset.rules = ruleset.rules.flatMap((rule) =>
    rule.expression.includes(hostname) ? (change(rule) ?? []) : rule,
  )
}

/** @param condition of the rule beside the hostname, given the part that pins the issuer. */
const rewrite =
  (condition: (pin: string) => string) =>
  (scene: Scene): void => {
    const pin = issuerPin(portal.mtls.clientCas.map((ca) => scene.material.clientCas[ca].cert))
    changeRule(scene, (rule) => ({
      ...rule,
      expression: `(http.host eq "${portal.hostname}" and (${condition(pin)}))`,
    }))
  }

/** @param test that lets in the certificate of a name in a subject, and more. */
const renamed =
  (test: (name: string, subject: string) => string) =>
  (scene: Scene): void => {
    const tests = meters.mtls.named.map((name) => test(name, scene.material.identities[name].subject))
    const expression = `(http.host eq "${meters.hostname}" and (${notVerified} or not (${tests.join(' or ')})))`
    changeRule(scene, (rule) => ({ ...rule, expression }), meters)
  }

const dn = 'cf.tls_client_auth.cert_subject_dn'
const notVerified = 'not cf.tls_client_auth.cert_verified or cf.tls_client_auth.cert_revoked'

/** An application on a path of staff, which no other check asks for. */
const addApplication =
  (
    decision: AccessPolicy['decision'],
    include: (scene: Scene) => AccessRule[],
    settings: AccessApplicationSettings = {},
    sessionDuration = '24h',
  ) =>
  (scene: Scene): void => {
    const { access } = scene.account
    const at = new Date(scene.now).toISOString()
    const dated = { createdAt: at, updatedAt: at }
    const id = newUuid()
    access.policies[id] = {
      id,
      name: 'for the old job',
      decision,
      include: include(scene),
      exclude: [],
      require: [],
      sessionDuration: undefined,
      applicationId: undefined,
      extra: {},
      ...dated,
    }
    const application = newUuid()
    access.applications[application] = {
      id: application,
      aud: newTag(),
      name: 'old job',
      type: 'self_hosted',
      domains: [`${staff.hostname}/old-job`],
      sessionDuration,
      policies: [id],
      settings,
      extra: {},
      ...dated,
    }
  }

function changeToken({ account }: Scene, change: Partial<AccessServiceToken>): void {
  const token = Object.values(account.access.serviceTokens).find(({ name }) => name === 'ci')
  if (token !== undefined) Object.assign(token, change)
}

const tokenOf = ({ material }: Scene): AccessRule => ({
  service_token: { token_id: material.serviceTokens.ci.id },
})

const misconfigurations: Readonly<Record<ConfigFaultId, (scene: Scene) => void>> = {
  'config.rule-missing': (scene) => changeRule(scene, () => undefined),
  'config.rule-disabled': (scene) => changeRule(scene, (rule) => ({ ...rule, enabled: false })),
  'config.rule-limited': rewrite((pin) => `http.request.uri.path eq "/" and (${notVerified} or ${pin})`),
  'config.rule-presence-only': rewrite(
    (pin) => `not cf.tls_client_auth.cert_presented or cf.tls_client_auth.cert_revoked or ${pin}`,
  ),
  'config.rule-forgets-revoked': rewrite((pin) => `not cf.tls_client_auth.cert_verified or ${pin}`),
  'config.rule-any-issuer': rewrite(() => notVerified),
  'config.names-missing': (scene) =>
    changeRule(
      scene,
      (rule) => ({ ...rule, expression: `(http.host eq "${meters.hostname}" and (${notVerified}))` }),
      meters,
    ),
  'config.names-by-prefix': renamed((name) => `starts_with(${dn}, "CN=${name}")`),
  'config.names-by-suffix': renamed((_, subject) => `ends_with(${dn}, "${subject.slice('CN='.length)}")`),
  'config.names-in-text': renamed((name) => `${dn} contains "${name}"`),
  'config.names-any-case': renamed((_, subject) => `lower(${dn}) eq "${subject.toLowerCase()}"`),
  'config.association-missing': ({ zone }) => {
    for (const [ca, names] of Object.entries(zone.hostnameAssociations))
      zone.hostnameAssociations[ca] = names.filter((name) => name !== portal.hostname)
  },
  'config.unknown-ca': ({ zone, account, material, now }) => {
    const { cert } = material.managedCas[accounts.neighbour.id] ?? { cert: '' }
    const made = uploadedCertificate(
      { ca: true, certificates: cert, name: 'from the old supplier' },
      new Date(now).toISOString(),
    )
    account.mtlsCertificates[made.id] = made
    zone.hostnameAssociations[made.id] = [portal.hostname]
  },
  'config.front-door': ({ state, zone }) => {
    state.hostnames[frontDoor] = {
      hostname: frontDoor,
      zoneId: zone.id,
      what: 'left over from a migration',
      origin: 'guarded',
    }
    const { associations } = zone.originPulls
    const own = associations[primary.hostname]
    if (own !== undefined) associations[frontDoor] = { ...own, hostname: frontDoor }
  },
  'config.ssl-full': ({ zone }) => {
    zone.settings.ssl.value = 'full'
  },
  'config.pull-association-missing': ({ zone }) => {
    delete zone.originPulls.associations[portal.hostname]
  },
  'config.pulls-global': ({ zone }) => {
    zone.settings.tls_client_auth.value = 'on'
  },
  'config.pull-expiring': ({ zone, now }) => {
    for (const one of Object.values(zone.originPulls.hostnameCertificates)) one.expiresOn = inDays(now, 10)
  },
  'config.ca-expiring': ({ account, now }) => {
    for (const one of Object.values(account.mtlsCertificates)) one.expiresOn = inDays(now, 10)
  },
  'config.token-expiring': (scene) => changeToken(scene, { expiresAt: inDays(scene.now, 5) }),
  'config.token-forever': (scene) => changeToken(scene, { duration: 'forever', expiresAt: undefined }),
  'config.bypass-everyone': addApplication('bypass', () => [{ everyone: {} }]),
  'config.service-auth-everyone': addApplication('non_identity', () => [{ everyone: {} }]),
  'config.any-service-token': addApplication('non_identity', () => [{ any_valid_service_token: {} }]),
  'config.any-certificate': addApplication('non_identity', () => [{ certificate: {} }]),
  'config.token-under-allow': addApplication('allow', (scene) => [tokenOf(scene)]),
  'config.options-bypass': addApplication('non_identity', (scene) => [tokenOf(scene)], {
    options_preflight_bypass: true,
  }),
  'config.long-token-session': addApplication('non_identity', (scene) => [tokenOf(scene)], {}, '720h'),
  'config.worker-fails-open': ({ zone }) => {
    for (const route of Object.values(zone.workerRoutes ?? {})) route.failOpen = true
  },
  'config.cookie-for-scripts': addApplication('non_identity', (scene) => [tokenOf(scene)], {
    http_only_cookie_attribute: false,
    same_site_cookie_attribute: 'none',
  }),
}

/** Sets up wrongly whatever the faults say. To be called once, behind the rest of the initial state. */
export function misconfigure(store: Store, material: LabMaterial, faults: Faults): void {
  const { state } = store
  const zone = state.zones[zones.lab.id]
  const account = state.accounts[accounts.lab.id]
  if (zone === undefined || account === undefined) return
  const scene: Scene = { state, zone, account, material, now: store.now() }
  const wrong = Object.entries(misconfigurations).filter(([id]) => faults.has(id as ConfigFaultId))
  for (const [, apply] of wrong) apply(scene)
  if (wrong.length > 0) store.changed()
}
