/**
 * What the generated sequences consist of: operations that say, from the model alone, what the API has to answer.
 * @module
 */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { ids } from '../testing/start.ts'
import type { Model } from './model.ts'

/** An object of the API. */
export type View = Record<string, unknown>

/** One request and what the model says of it. */
export interface Exchange {
  method: string
  /** From the root. */
  path: string
  body?: unknown
  /** Status and code; several where more than one thing is wrong and the order of the checks is nobody's business. */
  refusals?: readonly (readonly [status: number, code: number])[]
  /** Of a success; default 200. */
  status?: number
  /**
   * Carries a success over into the model and gives the result there has to be. It may take from the answer what only
   * the API can know: new ids and secrets.
   */
  result?: (answered: unknown) => unknown
}

/** An operation of a sequence; prints as its name and data. */
export interface Operation {
  exchange(model: Model): Exchange
}

/** Operations of one kind, from their data. */
export const operation = <Data>(
  name: string,
  data: fc.Arbitrary<Data>,
  exchange: (model: Model, data: Data) => Exchange,
): fc.Arbitrary<Operation> =>
  data.map((given) => ({
    exchange: (model) => exchange(model, given),
    [fc.toStringMethod]: () => `${name} ${JSON.stringify(given)}`,
  }))

/** Mostly one of the first, now and then one of the second. */
export const mostly = <Value>(usual: fc.Arbitrary<Value>, rare: fc.Arbitrary<Value>): fc.Arbitrary<Value> =>
  fc.oneof({ weight: 14, arbitrary: usual }, { weight: 1, arbitrary: rare })

/** Paths below the zone and the account of the tests. */
export const zonePath = `/client/v4/zones/${ids.zone}`
/** See {@link zonePath}. */
export const accessPath = `/client/v4/accounts/${ids.account}/access`

/** An id nobody has. */
export const unknownId = '0e0e0e0e-0000-4000-8000-00000000000e'

/** Small numbers that choose among what there is. */
export const choice = fc.nat({ max: 11 })
const highest = 11

/** The id a choice means: one of those there are; the highest choice, and every one among none: {@link unknownId}. */
export function chosen(among: ReadonlyMap<string, unknown>, index: number): string {
  const all = [...among.keys()]
  return (index === highest ? undefined : all[index % all.length]) ?? unknownId
}

/** Which one a write is about; undefined: a new one. */
export const target = fc.option(choice, { nil: undefined, freq: 2 })

/** The id a target means; undefined: a new one, which it is too while there are none. */
export const targeted = (among: ReadonlyMap<string, unknown>, at: number | undefined): string | undefined =>
  at === undefined || (among.size === 0 && at !== highest) ? undefined : chosen(among, at)

/** The item a choice means; undefined: none of them. */
export const item = <Item>(among: readonly Item[], index: number): Item | undefined =>
  index === highest ? undefined : among[index % among.length]

/** A new id from an answer: of the right form, and never seen before. */
export function freshId(model: Model, answered: unknown, form: RegExp, name = 'id'): string {
  const id = (answered as View)[name]
  assert.ok(typeof id === 'string' && form.test(id), `${name} has the wrong form: ${String(id)}`)
  assert.ok(!model.seen.has(id), `${name} was given before`)
  model.seen.add(id)
  return id
}

/** Forms of ids. */
export const forms = {
  hex: /^[0-9a-f]{32}$/,
  tag: /^[0-9a-f]{64}$/,
  uuid: /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
} as const

/** A moment as the API writes it. */
export const iso = (at: number): string => new Date(at).toISOString()

/** The fields that are not undefined: JSON has no others. */
export const defined = (view: View): View =>
  Object.fromEntries(Object.entries(view).filter(([, value]) => value !== undefined))
