/**
 * The places of a body that can be broken: those it has, and those the OpenAPI document says it may have.
 * @module
 */
import { existsSync, readFileSync } from 'node:fs'
import type { View } from './operation.ts'

const file = new URL('../../../../../shared/vectors/cloudflare-openapi-subset.json', import.meta.url)

/** A place: names of members, positions in lists. */
export type Place = readonly (string | number)[]

interface Schema {
  $ref?: string
  properties?: Record<string, Schema>
  items?: Schema
  allOf?: Schema[]
  oneOf?: Schema[]
  anyOf?: Schema[]
  content?: Record<string, { schema?: Schema }>
}
interface Document {
  paths: Record<string, Record<string, { requestBody?: Schema }>>
}

/** The document; undefined where only the repository is. */
const document: (Document & View) | undefined = existsSync(file)
  ? (JSON.parse(readFileSync(file, 'utf8')) as Document & View)
  : undefined

/** Whether the document is there. */
export const haveDocument = document !== undefined

/** Deeper than this nothing is broken one by one. */
const deepest = 4

/** The places the document has for the body of an operation; none where it does not know the operation. */
export function documentedPlaces(method: string, template: string): Place[] {
  const body = document?.paths[template]?.[method.toLowerCase()]?.requestBody
  const schema = resolved(body)?.content?.['application/json']?.schema
  return schema === undefined ? [] : unique(schemaPlaces(schema, [], new Set()))
}

function resolved(schema: Schema | undefined): Schema | undefined {
  const reference = schema?.$ref
  if (reference === undefined) return schema
  const found = reference
    .slice(2)
    .split('/')
    .reduce<unknown>((inner, step) => (inner as View | undefined)?.[step], document)
  return resolved(found as Schema | undefined)
}

function schemaPlaces(given: Schema, at: Place, above: ReadonlySet<Schema>): Place[] {
  const schema = resolved(given)
  if (schema === undefined || at.length >= deepest || above.has(schema)) return []
  const inside = new Set([...above, schema])
  const { properties = {}, items, allOf = [], oneOf = [], anyOf = [] } = schema
  return [
    ...Object.entries(properties).flatMap(([name, inner]) => [
      [...at, name],
      ...schemaPlaces(inner, [...at, name], inside),
    ]),
    ...(items === undefined ? [] : [[...at, 0], ...schemaPlaces(items, [...at, 0], inside)]),
    ...[...allOf, ...oneOf, ...anyOf].flatMap((part) => schemaPlaces(part, at, inside)),
  ]
}

/** The places a body has. */
export function ownPlaces(value: unknown, at: Place = []): Place[] {
  if (typeof value !== 'object' || value === null) return []
  const entries: [string | number, unknown][] = Array.isArray(value)
    ? [...value.entries()]
    : Object.entries(value)
  return entries.flatMap(([step, inner]) => [[...at, step], ...ownPlaces(inner, [...at, step])])
}

/** Each place once. */
export const unique = (places: readonly Place[]): Place[] => [
  ...new Map(places.map((place) => [JSON.stringify(place), place])).values(),
]

/** A copy of a body with something else in one place; what is missing on the way there is made. */
export function broken(body: unknown, [step, ...rest]: Place, value: unknown): unknown {
  if (step === undefined) return value
  if (typeof step === 'number') {
    const list: unknown[] = Array.isArray(body) ? [...body] : []
    list[step] = broken(list[step], rest, value)
    return list
  }
  const members = typeof body === 'object' && body !== null && !Array.isArray(body) ? (body as View) : {}
  return { ...members, [step]: broken(members[step], rest, value) }
}
