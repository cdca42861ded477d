/**
 * Whether a text from outside is a state: its version, its collections and their entries, and that they refer to each
 * other. Single values inside the entries are trusted: a state comes from an export.
 * @module
 */
import type { Delays, LabState } from './types.ts'

type Unknown = Record<string, unknown>

const collections = ['accounts', 'zones', 'hostnames', 'credentials', 'delays'] as const

/** Names of the delays. */
export const delayNames: readonly (keyof Delays)[] = [
  'deployment',
  'deletion',
  'revocation',
  'sessionRevocation',
  'certificateSettings',
]

const accessCollections = [
  'applications',
  'policies',
  'groups',
  'identityProviders',
  'serviceTokens',
  'certificates',
]
/** Collections that every account and every zone has, as paths inside it. */
const inAccount = [
  'mtlsCertificates',
  'access',
  'access.keys',
  'access.keys.current',
  'access.certificateSettings',
  'access.users',
  ...accessCollections.map((name) => `access.${name}`),
]
const inZone = [
  'settings',
  'settings.ssl',
  'settings.tls_client_auth',
  'clientCertificates',
  'hostnameAssociations',
  'rulesets',
  'originPulls',
  'originPulls.zoneCertificates',
  'originPulls.hostnameCertificates',
  'originPulls.associations',
  'access',
  ...accessCollections.map((name) => `access.${name}`),
]

/** Collections whose entries are objects. */
const ofObjects = [
  'mtlsCertificates',
  'access.certificateSettings',
  'access.users',
  ...accessCollections.map((name) => `access.${name}`),
  'clientCertificates',
  'rulesets',
  'originPulls.zoneCertificates',
  'originPulls.hostnameCertificates',
  'originPulls.associations',
]

/** A hostname, with wildcards and an optional path. */
const domain = /^[a-z0-9*][a-z0-9*.-]{0,252}(\/[!-~]*)?$/i

/** Lists that every account and every zone has. */
const lists: Readonly<Record<string, string>> = {
  accounts: 'access.revocations',
  zones: 'managedRequestHeaders',
}

/** Most problems listed. */
const most = 20

/** What is wrong with it, as sentences that show no value; empty: it is a state. */
export function stateProblems(value: unknown): string[] {
  if (!isObject(value)) return ['the state is not an object']
  const problems: string[] = []
  if (value.schemaVersion !== 1) problems.push('schemaVersion is not 1')
  for (const name of collections) if (!isObject(value[name])) problems.push(`${name} is not an object`)
  if (problems.length > 0) return problems
  const accounts = value.accounts as Unknown
  const zones = value.zones as Unknown
  each('accounts', accounts, 'id', inAccount, problems)
  each('zones', zones, 'id', inZone, problems)
  each('hostnames', value.hostnames as Unknown, 'hostname', [], problems)
  each('credentials', value.credentials as Unknown, 'id', [], problems)
  refers('zones', zones, 'accountId', accounts, problems)
  refers('hostnames', value.hostnames as Unknown, 'zoneId', zones, problems)
  for (const name of delayNames) {
    if (!isDelay((value.delays as Unknown)[name]))
      problems.push(`delays.${name} is not a number of milliseconds`)
  }
  for (const [id, credential] of Object.entries(value.credentials as Unknown)) {
    if (isObject(credential) && !hasHash(credential))
      problems.push(`credentials.${id.slice(0, 80)} has no kind or no SHA-256 as hash`)
  }
  if (!Object.values(value.credentials as Unknown).some(letsIn))
    problems.push('credentials has none that is active and may edit: nobody could use the lab any more')
  return problems.slice(0, most)
}

/** Whether a value is a state. */
export const isState = (value: unknown): value is LabState => stateProblems(value).length === 0

/** Whether a value is a delay: milliseconds, at most a year. */
export const isDelay = (value: unknown): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 31_536_000_000

function each(
  name: string,
  items: Unknown,
  key: string,
  inside: readonly string[],
  problems: string[],
): void {
  for (const [id, item] of Object.entries(items)) {
    const where = `${name}.${id.slice(0, 80)}`
    if (!isObject(item) || item[key] !== id) {
      problems.push(`${where} is not an object with that ${key}`)
      continue
    }
    for (const path of inside) {
      if (!isObject(at(item, path))) problems.push(`${where}.${path} is not an object`)
    }
    for (const path of ofObjects) entriesOf(at(item, path), `${where}.${path}`, problems)
    if (isObject(at(item, 'access.applications')))
      applications(at(item, 'access.applications') as Unknown, where, problems)
    const list = lists[name]
    if (list !== undefined && !Array.isArray(at(item, list))) problems.push(`${where}.${list} is not a list`)
  }
}

/** Undefined: this kind of object has no such collection. */
function entriesOf(collection: unknown, where: string, problems: string[]): void {
  if (!isObject(collection)) return
  for (const [id, entry] of Object.entries(collection))
    if (!isObject(entry)) problems.push(`${where}.${id.slice(0, 80)} is not an object`)
}

/** An application that covers nothing would leave open what it is there for. */
function applications(items: Unknown, where: string, problems: string[]): void {
  for (const [id, item] of Object.entries(items)) {
    const { settings, domains, policies } = isObject(item) ? item : {}
    const covers =
      Array.isArray(domains) && domains.length > 0 && domains.every((one) => domain.test(String(one)))
    if (!covers || !isObject(settings) || !Array.isArray(policies))
      problems.push(`${where}.access.applications.${id.slice(0, 80)} lacks domains, settings or policies`)
  }
}

/** What is at a path of names joined by dots. */
const at = (item: Unknown, path: string): unknown =>
  path.split('.').reduce<unknown>((inner, step) => (isObject(inner) ? inner[step] : undefined), item)

function refers(name: string, items: Unknown, key: string, targets: Unknown, problems: string[]): void {
  for (const [id, item] of Object.entries(items)) {
    const target = isObject(item) ? item[key] : undefined
    if (typeof target !== 'string' || !Object.hasOwn(targets, target))
      problems.push(`${name}.${id.slice(0, 80)}.${key} refers to nothing`)
  }
}

const hasHash = ({ hash, kind }: Unknown): boolean =>
  typeof hash === 'string' && /^[0-9a-f]{64}$/.test(hash) && (kind === 'token' || kind === 'key')

/** Whether the credential with a hash may still edit everything in a state. */
export const keepsIn = ({ credentials }: LabState, hash: string): boolean =>
  Object.values(credentials).some((one) => one.hash === hash && letsIn(one))

const letsIn = (credential: unknown): boolean =>
  isObject(credential) &&
  credential.status === 'active' &&
  credential.access === 'edit' &&
  credential.accounts === undefined &&
  hasHash(credential)

const isObject = (value: unknown): value is Unknown =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
