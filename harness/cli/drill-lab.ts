/**
 * Drills in the embedded lab: everything a drill needs, made from a running lab.
 * @module
 */
import { randomBytes } from 'node:crypto'
import { noSecret } from '../drill/access-objects.ts'
import { connectControlPlane } from '../drill/control-plane.ts'
import { pullLanes, tokenLanes } from '../drill/lanes.ts'
import { protectionOn } from '../drill/orders.ts'
import type { OriginControl, OriginTerms } from '../drill/origin-control.ts'
import type { DrillOptions, WholeState } from '../drill/run.ts'
import { shellQuoted } from '../drill/shell.ts'
import { type DrillTerms, labTerms, type Order, type Slot } from '../drill/types.ts'
import { until } from '../drill/until.ts'
import { createWorld } from '../drill/world.ts'
import { accounts, canaryPath, zones } from '../lab/hostnames.ts'
import { type Lab, type LabMaterial, startLab } from '../lab/lab.ts'
import { lasting } from '../lab/scenarios/lasting.ts'
import { diffStates, type StateChange } from '../lab/state/diff.ts'
import type { Delays, LabState } from '../lab/state/types.ts'
import { createAuthority } from '../pki/authority.ts'
import type { Identity } from '../pki/types.ts'

/** Where the drills take place. */
export const drillHostnames = { pulls: 'pulls.harness.test', 'service-token': 'app.harness.test' } as const
const origin = 'pulls'

/** Long enough to be seen, short enough to be waited for. */
export const drillDelays: Delays = {
  deployment: 1_000,
  deletion: 1_000,
  revocation: 0,
  sessionRevocation: 0,
  certificateSettings: 0,
}

/** A lab for drills. */
export interface DrillLab {
  lab: Lab
  material: LabMaterial
  /** The state at the start. */
  fresh: LabState
}

/** Certificates of two origin-pull CAs, and the CAs. */
export interface DrillCertificates {
  identities: Record<Slot, Identity>
  cas: Record<Slot, string>
}

/** Makes them: each drill has its own, because tombstones stay. */
export async function createDrillCertificates(): Promise<DrillCertificates> {
  const make = async (name: string): Promise<{ ca: string; identity: Identity }> => {
    const authority = await createAuthority({ name: `CN=Drill Origin Pull CA ${name}` })
    return {
      ca: authority.cert,
      identity: await authority.issue({ subject: `CN=${drillHostnames.pulls},O=${name}` }),
    }
  }
  const [first, second] = await Promise.all([make('one'), make('two')])
  return {
    identities: { first: first.identity, second: second.identity },
    cas: { first: first.ca, second: second.ca },
  }
}

/** Starts one. */
export async function startDrillLab(options: {
  material: LabMaterial
  faults?: readonly string[]
  delays?: Delays
  signal?: AbortSignal
}): Promise<DrillLab> {
  const { material, faults = [], delays = drillDelays, signal } = options
  const lab = await startLab({
    material,
    faults,
    delays,
    parts: 'all',
    ...(signal === undefined ? {} : { signal }),
  })
  // As it comes, this origin trusts the shared origin-pull CA already; a drill begins with one that asks for nothing.
  if (lab.api !== undefined)
    await labOrigin(lab.api.labURL, material.credentials.token).set({ mode: 'off', trust: '' })
  return { lab, material, fresh: structuredClone(lab.store.state) }
}

/** What is different in tests. */
export interface LabDrillChanges {
  terms?: Partial<DrillTerms>
  /** In front of the lab's API, lab routes included: scheme, host and port. */
  through?: string
  timeout?: number
  maxRetries?: number
  /** Default: fresh ones. */
  certificates?: DrillCertificates
}

/** Options of a drill in a running lab. @throws Error when the lab has no control plane. */
export async function labDrill(
  { lab, material, fresh }: DrillLab,
  order: Order,
  { terms, through, timeout, maxRetries, certificates }: LabDrillChanges = {},
): Promise<DrillOptions> {
  const { api } = lab
  if (api === undefined) throw new Error('the lab has no control plane')
  const at = (url: string): string => {
    const { origin: own } = new URL(url)
    return through === undefined ? url : `${through}${url.slice(own.length)}`
  }
  const hostname = drillHostnames[order.kind]
  const place = lab.origins[origin]
  if (place === undefined) throw new Error(`the lab has no origin ${origin}`)
  const edge = {
    endpoint: { hostname, address: lab.edge.host, port: lab.edge.port, trust: material.serverCa },
    proof: { canary: canaryPath },
    deadline: 5_000,
  }
  const direct = { ...edge, endpoint: { hostname, address: place.host, port: place.tlsPort } }
  const { token } = material.credentials
  const secrets = { clientId: `${randomBytes(16).toString('hex')}.access`, old: noSecret(), new: noSecret() }
  const pulls = certificates ?? (await createDrillCertificates())
  // Drills without a rotation have one certificate.
  const rotates = 'edge-new' in order.start
  const identities = rotates ? pulls.identities : { first: pulls.identities.first }
  const isPulls = order.kind === 'pulls'
  const options: DrillOptions = {
    order,
    hostname,
    lab: true,
    controlPlane: connectControlPlane({
      baseURL: at(api.baseURL),
      token,
      zone: zones.lab.id,
      account: accounts.lab.id,
      ...(timeout === undefined ? {} : { timeout }),
      ...(maxRetries === undefined ? {} : { maxRetries }),
    }),
    identities: isPulls ? identities : {},
    cas: pulls.cas,
    origin: isPulls ? labOrigin(at(api.labURL), token, timeout) : undefined,
    originAtStart: { mode: 'off', trust: '' },
    secrets,
    accessName: `harness drill ${randomBytes(4).toString('hex')}`,
    lanes: isPulls ? pullLanes(edge, direct, Object.values(identities)) : tokenLanes(edge, secrets),
    terms: { ...labTerms, ...terms },
    wholeState: labState(lab),
  }
  if (hostname in (lab.store.state.zones[zones.lab.id]?.originPulls.associations ?? {})) {
    // An earlier drill began on a protected hostname, and has left it so.
    lab.store.replace(structuredClone(fresh))
    await options.origin?.set({ mode: 'off', trust: '' })
  }
  if (order.live === true) await protect(options)
  return options
}

/** What an operator has done before a drill on a protected hostname begins. */
async function protect(options: DrillOptions): Promise<void> {
  const world = createWorld({ ...options, kind: 'pulls' })
  const before = await world.read()
  const never = new AbortController().signal
  for (const { operation } of protectionOn) await world.operate(operation, before, never)
  await until(async () => (await world.read()).association?.status === 'active', {
    every: options.terms.poll,
    atMost: options.terms.grace,
    signal: never,
  })
}

/** The whole state of the lab, whoever changed it. */
function labState(lab: Lab): WholeState {
  let before: LabState | undefined
  return {
    what: 'the whole state of the lab, exported before and after, but for tombstones',
    take: async () => {
      before = structuredClone(lab.store.state)
    },
    changes: async () => {
      if (before === undefined) return []
      const all = diffStates(before, lab.store.state, { ignoreTimestamps: true })
      return all.filter((change) => !lasting(change) && !isMoment(change)).map(({ path }) => path)
    },
  }
}

/** When something that was made again became what it is. */
const isMoment = ({ path }: StateChange): boolean => path.endsWith('/lifecycle/next/at')

/** The lab's route for an origin: what an operator does in the configuration of a web server. */
function labOrigin(labURL: string, token: string, timeout = 30_000): OriginControl {
  const call = async (method: 'GET' | 'PATCH', path: string, body?: unknown): Promise<unknown> => {
    const response = await fetch(`${labURL}${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      signal: AbortSignal.timeout(timeout),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    if (!response.ok) throw new Error(`the origin’s configuration answered ${response.status}`)
    return ((await response.json()) as { result: unknown }).result
  }
  const bodyOf = ({ mode, trust }: OriginTerms): unknown => ({ clientCertificates: mode, trust })
  return {
    async read() {
      const all = (await call('GET', '/origins')) as {
        name: string
        clientCertificates: OriginTerms['mode']
        trust: string
      }[]
      const found = all.find(({ name }) => name === origin)
      return found === undefined ? undefined : { mode: found.clientCertificates, trust: found.trust }
    },
    async set(terms) {
      await call('PATCH', `/origins/${origin}`, bodyOf(terms))
    },
    command: (terms) =>
      `curl -sS --fail-with-body -X PATCH ${shellQuoted(`${labURL}/origins/${origin}`)} -H "Authorization: Bearer $CLOUDFLARE_API_TOKEN" -H 'Content-Type: application/json' --data ${shellQuoted(JSON.stringify(bodyOf(terms)))}`,
  }
}
