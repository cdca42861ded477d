/**
 * The way to the origins: for each hostname how its origin is reached now, by the zone's SSL mode and the certificate of
 * Authenticated Origin Pulls. Worked out again when the state has changed, never per request. A kept connection is used
 * only where a new one would be made the same way.
 * @module
 */
import { createSecureContext, type SecureContext } from 'node:tls'
import type { Faults } from '../../faults.ts'
import type { CertificateAndKey } from '../../material.ts'
import {
  isSwitchedOff,
  nextPullChange,
  type PresentedPull,
  pullCertificateFor,
} from '../../origin-pulls/presented.ts'
import { hashOf } from '../../state/ids.ts'
import type { Store } from '../../state/store.ts'
import type { HostnameState, ZoneState } from '../../state/types.ts'
import { type Certificate, readTrusted } from '../certificate.ts'
import { OriginAgent } from './agent.ts'
import { type Dial, type DialLimits, dialPlain, dialTls, type OriginPlace } from './dial.ts'
import { OriginFailure } from './failure.ts'
import { isRefused, serverCertificateProblems } from './server-certificate.ts'

/** What a connector is made of. */
export interface ConnectorOptions {
  store: Store
  faults: Faults
  /** By name; `main` is used for hostnames that the state does not know. */
  origins: Readonly<Record<string, OriginPlace>>
  /** The certificate that is the same for every account. */
  sharedPull: CertificateAndKey
  /** PEM of the CAs that mode strict trusts. */
  originCa: string
  /** Default: five seconds each. */
  limits?: DialLimits
}

/** For `node:http` requests: spread it into their options. */
export interface OriginRoute {
  readonly agent: OriginAgent
  readonly host: string
  readonly port: number
}

/** The way to the origins of one edge. */
export interface OriginConnector {
  /** How the origin of a hostname is reached now. */
  requestOptions(hostname: string): OriginRoute
  /** Ends every connection. */
  close(): void
}

interface Remembered {
  route: OriginRoute
  key: string
  revision: number
  /** Epoch milliseconds. */
  until: number
}

/** Makes a connector. @throws Error when there is no origin `main`, or a CA that cannot be read. */
export function createOriginConnector(options: ConnectorOptions): OriginConnector {
  const { store, faults, origins } = options
  const limits = options.limits ?? { connect: 5_000, handshake: 5_000 }
  const anchors = readTrusted(options.originCa)
  const remembered = new Map<string, Remembered>()
  const agents = new Map<string, OriginAgent>()

  const { main } = origins
  if (main === undefined) throw new Error('there is no origin called main')
  const placeOf = (name: string): OriginPlace =>
    (Object.hasOwn(origins, name) ? origins[name] : undefined) ?? main
  const routeTo = (place: OriginPlace, port: number, key: string, dial: () => Dial): OriginRoute => {
    const agent = agents.get(key) ?? new OriginAgent(dial())
    agents.set(key, agent)
    return { agent, host: place.host, port }
  }
  const plainTo = (place: OriginPlace): { key: string; route: OriginRoute } => {
    const key = `plain ${place.port}`
    return { key, route: routeTo(place, place.port, key, () => dialPlain(place, limits)) }
  }

  const tlsTo = (state: HostnameState, zone: ZoneState): { key: string; route: OriginRoute } => {
    const place = placeOf(state.origin)
    const pull = pullCertificateFor(zone, state.hostname, store.now(), options.sharedPull, faults)
    const verifies = verifiesOrigin(zone, faults)
    const shown = pull === undefined ? 'none' : hashOf(pull.cert)
    const key = ['tls', place.tlsPort, state.hostname, verifies].join(' ')
    const dial = (): Dial => dialOrigin({ place, hostname: state.hostname, pull, verifies, anchors })
    if (faults.has('edge.pulls-false-fails') && isSwitchedOff(zone, state.hostname, store.now())) {
      const fails: Dial = (done) => done(new OriginFailure(520, new Error('origin pulls are switched off')))
      return { key: `${key} off`, route: routeTo(place, place.tlsPort, `${key} off`, () => fails) }
    }
    if (!faults.has('edge.pulls-keeps-connections')) {
      const whole = `${key} ${shown}`
      return { key: whole, route: routeTo(place, place.tlsPort, whole, dial) }
    }
    const route = routeTo(place, place.tlsPort, key, dial)
    route.agent.dial = dial()
    return { key, route }
  }

  const dialOrigin = (how: {
    place: OriginPlace
    hostname: string
    pull: PresentedPull | undefined
    verifies: boolean
    anchors: readonly Certificate[]
  }): Dial => {
    const secure = dialTls(how.place, limits, {
      hostname: how.hostname,
      context: contextFor(how.pull),
      accepts: (tls) =>
        !how.verifies ||
        !isRefused(serverCertificateProblems(tls, how.hostname, how.anchors, store.now()), faults),
    })
    if (!faults.has('edge.origin-falls-back-to-plain')) return secure
    const plain = dialPlain(how.place, limits)
    return (done) => secure((failure, socket) => (failure === null ? done(null, socket) : plain(done)))
  }

  const find = (hostname: string, state: HostnameState): Remembered => {
    const zone = store.zoneOf(state)
    const now = store.now()
    const way = usesTls(zone, faults) ? tlsTo(state, zone) : plainTo(placeOf(state.origin))
    const found = { ...way, revision: store.revision, until: nextPullChange(zone.originPulls, now) }
    const before = remembered.get(hostname)
    if (before !== undefined && before.key !== way.key) leave(hostname, before)
    remembered.set(hostname, found)
    return found
  }

  const leave = (hostname: string, { key, route }: Remembered): void => {
    remembered.delete(hostname)
    // Ways of plain HTTP are shared by hostnames, those by TLS are not.
    if (!key.startsWith('tls ')) return
    route.agent.retire()
    agents.delete(key)
  }

  return {
    requestOptions(hostname) {
      const known = remembered.get(hostname)
      if (known !== undefined && known.revision === store.revision && store.now() < known.until)
        return known.route
      const state = store.hostname(hostname)
      if (state !== undefined) return find(state.hostname, state).route
      if (known !== undefined) leave(hostname, known)
      return plainTo(main).route
    },
    close() {
      for (const agent of agents.values()) {
        // What is still connecting must not be kept either.
        agent.retire()
        agent.destroy()
      }
      agents.clear()
      remembered.clear()
    },
  }
}

function usesTls({ settings: { ssl } }: ZoneState, faults: Faults): boolean {
  if (ssl.value === 'flexible') return faults.has('edge.pulls-in-flexible')
  return ssl.value !== 'off'
}

const verifiesOrigin = ({ settings: { ssl } }: ZoneState, faults: Faults): boolean =>
  ssl.value === 'strict' || (ssl.value === 'full' && faults.has('edge.full-verifies-origin'))

/** A context that presents a certificate, or none. A key that does not fit (imported, or by a fault) presents none. */
function contextFor(pull: PresentedPull | undefined): SecureContext {
  const base = { minVersion: 'TLSv1.2' as const, ca: [] }
  if (pull === undefined) return createSecureContext(base)
  try {
    return createSecureContext({ ...base, cert: pull.cert, key: pull.key })
  } catch {
    return createSecureContext(base)
  }
}
