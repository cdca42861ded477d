/**
 * The steps that drills of origin pulls are put together from (research 1.4 and 1.5: the documented order and rollback).
 * @module
 */
import type { Slot, Step, Truth } from './types.ts'

/** The origin serves everybody. */
export const open: Truth = { visitor: 'allowed', edge: 'allowed', direct: 'allowed' }
/** The origin serves only who has the edge's certificate. */
export const shut: Truth = { ...open, direct: 'refused' }

/** What is the same in many places. */
export type Facts = Pick<Step, 'phase' | 'expect'> & Partial<Pick<Step, 'presents' | 'ought' | 'predicts'>>

const which = (certificate: Slot): string => (certificate === 'first' ? '' : ' new')
const suffix = (certificate: Slot): string => (certificate === 'first' ? '' : '-new')

/** Uploads a certificate. */
export const upload = (certificate: Slot, facts: Facts): Step => ({
  id: `upload${suffix(certificate)}`,
  does: `upload the${which(certificate)} origin-pull certificate`,
  operation: { kind: 'upload', certificate },
  undo: ['certificates'],
  ...facts,
})

/** Waits for it. */
export const active = (certificate: Slot, facts: Facts): Step => ({
  id: `active${suffix(certificate)}`,
  does: `wait until the${which(certificate)} certificate is active`,
  operation: { kind: 'await-active', certificate },
  undo: [],
  ...facts,
})

/** Has the origin ask. */
export const originOptional = (trust: readonly Slot[], facts: Facts): Step => ({
  id: `origin-optional-${facts.phase}`,
  does: 'origin: ask for a client certificate, let requests without one through',
  operation: { kind: 'origin', mode: 'optional', trust },
  undo: ['origin'],
  ...facts,
})

/** Has the origin insist. */
export const originRequired = (trust: readonly Slot[], facts: Facts): Step => ({
  id: 'origin-required',
  does: 'origin: require a client certificate',
  operation: { kind: 'origin', mode: 'required', trust },
  undo: ['origin'],
  ...facts,
})

/** Puts the origin back. */
export const originAsBefore = (facts: Facts): Step => ({
  id: 'origin-as-before',
  does: 'origin: as it was before the drill',
  operation: { kind: 'origin-as-before' },
  undo: ['origin'],
  ...facts,
})

/** Associates, switched off. */
export const associate = (facts: Facts): Step => ({
  id: 'associate',
  does: 'associate the hostname with the certificate, switched off',
  operation: { kind: 'associate', certificate: 'first', enabled: false },
  undo: ['association'],
  ...facts,
})

/** Has the edge present a certificate. */
export const enable = (certificate: Slot, facts: Facts): Step => ({
  id: `enable${suffix(certificate)}`,
  does: `have the edge present the${which(certificate)} certificate (enabled: true)`,
  operation: { kind: 'associate', certificate, enabled: true },
  undo: ['association'],
  presents: certificate,
  ...facts,
})

/** Has the edge present nothing, in one of two ways. */
export const disable = (enabled: false | null, certificate: Slot, facts: Facts): Step => ({
  id: enabled === null ? 'void' : 'disable',
  does:
    enabled === null
      ? 'void the association: the edge presents nothing (enabled: null)'
      : 'switch the association off: the edge presents nothing (enabled: false)',
  operation: { kind: 'associate', certificate, enabled },
  undo: ['association'],
  presents: 'none',
  ...facts,
})

/** Deletes a certificate. */
export const remove = (certificate: Slot, facts: Facts): Step => ({
  id: `delete${suffix(certificate)}`,
  does: `delete the${which(certificate)} certificate`,
  operation: { kind: 'delete', certificate },
  undo: ['certificates'],
  ...facts,
})

/** Waits for that. */
export const gone = (certificate: Slot, facts: Facts): Step => ({
  id: `gone${suffix(certificate)}`,
  does: `wait until the${which(certificate)} certificate is deleted`,
  operation: { kind: 'await-deleted', certificate },
  undo: [],
  ...facts,
})

/** Only watches. */
export const observe = (id: string, does: string, facts: Facts): Step => ({
  id,
  does,
  operation: { kind: 'observe' },
  undo: [],
  ...facts,
})

/** A step that the API is to refuse. */
export const refusedWith = (id: string, step: Step, code: number, why: string): Step => ({
  ...step,
  id,
  refused: { code, why },
  predicts: `the API refuses with ${code}: ${why}`,
})
