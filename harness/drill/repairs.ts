/**
 * What is between a state and the one before the drill, as repairs in a safe order: the origin stops insisting, then the
 * edge is put back, then the origin. A pure function: it is asked again after every repair.
 * @module
 */
import type { OriginTerms } from './origin-control.ts'

/** A hostname's association. */
export interface AssociationState {
  certId: string
  enabled: boolean
  /** Absent: not asked. */
  status?: string
}

/** A certificate of the drill at the API. */
export interface CertificateState {
  /** '': it is not known (the answer to its upload was lost), and has to be looked up. */
  id: string
  status: string
}

/** Everything that a drill can touch, as it is. */
export interface TouchedState {
  /** Null: none. Undefined: not looked at. */
  association?: AssociationState | null
  /** The drill's own, by slot; null: not there, or a tombstone. */
  certificates?: Readonly<Record<string, CertificateState | null>>
  origin?: OriginTerms
  /** The drill's own objects of Access, by id ('': to be looked up); null: not there. */
  access?: Readonly<Record<'application' | 'policy' | 'token', string | null>>
}

/** One repair. */
export type Repair =
  | { kind: 'origin'; terms: OriginTerms }
  | { kind: 'upload'; slot: string }
  | { kind: 'associate'; certId: string; enabled: boolean | null }
  /** Something changes by itself: wait for it. */
  | { kind: 'wait'; slot: string; id: string; status: string }
  | { kind: 'wait-association'; status: string }
  | { kind: 'delete'; slot: string; id: string }
  | { kind: 'delete-access'; what: 'application' | 'policy' | 'token'; id: string }

/** What is to be done next and after that; empty: the state is the one before. */
export function planRepairs(before: TouchedState, now: TouchedState): Repair[] {
  const edge = edgeRepairs(before, now)
  const origin = originRepairs(before, now, edge.length > 0)
  return [...origin.first, ...edge, ...accessRepairs(before, now), ...origin.last]
}

function originRepairs(
  { origin: wanted }: TouchedState,
  { origin: is }: TouchedState,
  edgeChanges: boolean,
): { first: Repair[]; last: Repair[] } {
  if (wanted === undefined || is === undefined) return { first: [], last: [] }
  const differs = wanted.mode !== is.mode || wanted.trust !== is.trust
  const first: Repair[] =
    is.mode === 'required' && edgeChanges ? [{ kind: 'origin', terms: { ...is, mode: 'optional' } }] : []
  const last: Repair[] = differs || first.length > 0 ? [{ kind: 'origin', terms: wanted }] : []
  return { first, last }
}

function edgeRepairs(before: TouchedState, now: TouchedState): Repair[] {
  const repairs: Repair[] = []
  const wantedCertificates = before.certificates ?? {}
  const certificates = now.certificates ?? {}
  for (const [slot, wanted] of Object.entries(wantedCertificates)) {
    const is = certificates[slot]
    if (wanted === null) continue
    if (is === null || is === undefined) repairs.push({ kind: 'upload', slot })
    else if (is.status === 'pending_deletion')
      repairs.push({ kind: 'wait', slot, ...is }, { kind: 'upload', slot })
  }
  repairs.push(...associationRepairs(before, now))
  for (const [slot, is] of Object.entries(certificates)) {
    if (is === null || wantedCertificates[slot] != null || isGoing(is.status)) continue
    if (isComing(is.status)) repairs.push({ kind: 'wait', slot, ...is })
    repairs.push({ kind: 'delete', slot, id: is.id })
  }
  return repairs
}

function associationRepairs(
  { association: wanted, certificates: wantedCertificates = {} }: TouchedState,
  { association: is, certificates = {} }: TouchedState,
): Repair[] {
  if (wanted === undefined || is === undefined) return []
  if (wanted === null) return is === null ? [] : [{ kind: 'associate', certId: is.certId, enabled: null }]
  // A certificate that was uploaded again may have another id.
  const slot = Object.entries(wantedCertificates).find(([, one]) => one?.id === wanted.certId)?.[0]
  const certId = (slot === undefined ? undefined : certificates[slot]?.id) ?? wanted.certId
  if (is !== null && is.certId === certId && is.enabled === wanted.enabled)
    return isComing(is.status ?? '') ? [{ kind: 'wait-association', status: is.status ?? '' }] : []
  return [{ kind: 'associate', certId, enabled: wanted.enabled }]
}

function accessRepairs(before: TouchedState, now: TouchedState): Repair[] {
  const kinds = ['application', 'policy', 'token'] as const
  return kinds.flatMap((what): Repair[] => {
    const id = now.access?.[what] ?? null
    return id === null || before.access?.[what] === id ? [] : [{ kind: 'delete-access', what, id }]
  })
}

const isGoing = (status: string): boolean => status === 'pending_deletion' || status === 'deleted'
const isComing = (status: string): boolean => status === 'initializing' || status === 'pending_deployment'
