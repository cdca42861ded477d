/**
 * Request bodies, checked by JSON Schema. Unknown fields are passed over, as the real API does.
 * @module
 */
import { Ajv, type ErrorObject } from 'ajv'
import formats from 'ajv-formats'
import { parseDuration } from '../../access/duration.ts'
import { invalid } from './errors.ts'
import { nameLength } from './limits.ts'

const ajv = new Ajv({ strict: false, allErrors: false })
formats.default(ajv, ['date-time', 'email'])
ajv.addFormat('duration-go', (text: string) => parseDuration(text) !== undefined)
ajv.addFormat(
  'duration-or-forever',
  (text: string) => text === 'forever' || parseDuration(text) !== undefined,
)
ajv.addFormat('http-url', (text: string) => isHttpUrl(text))

/** Schemas of fields that many bodies have. */
export const field = {
  name: { type: 'string', minLength: 1, maxLength: nameLength },
  boolean: { type: 'boolean' },
  string: { type: 'string', maxLength: 10_000 },
  strings: { type: 'array', items: { type: 'string', maxLength: 10_000 }, maxItems: 1000 },
  duration: { type: 'string', format: 'duration-go' },
  durationOrForever: { type: 'string', format: 'duration-or-forever' },
  time: { type: 'string', format: 'date-time' },
  url: { type: 'string', format: 'http-url', maxLength: 2000 },
  list: { type: 'array' },
  object: { type: 'object' },
} as const

/** What a body must be. */
export interface BodyShape {
  required?: readonly string[]
  /** JSON Schema of each field. */
  fields: Readonly<Record<string, object>>
}

/**
 * A reader for one kind of body. `Body` is what the shape says: the two stand side by side where it is called. Fields
 * that are null count as absent.
 * @returns a function that gives the body, with the fields of the shape only; it throws ApiError 400 / 12130.
 */
export function bodyReader<Body>({
  required = [],
  fields,
}: BodyShape): (value: unknown, where?: string) => Body {
  const validate = ajv.compile({ type: 'object', required, properties: fields })
  return (value, where = 'body') => {
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      throw invalid(`${where} must be an object`)
    const given = Object.fromEntries(
      Object.entries(value).filter(([key, inner]) => Object.hasOwn(fields, key) && inner !== null),
    )
    if (!validate(given)) throw invalid(sentence(where, validate.errors?.[0]))
    return given as Body
  }
}

function sentence(where: string, error: ErrorObject | undefined): string {
  const place = [where === 'body' ? '' : where, (error?.instancePath ?? '').slice(1).replaceAll('/', '.')]
  const path = place.filter((part) => part !== '').join('.')
  return `${path === '' ? 'body' : path} ${error?.message ?? 'is invalid'}`
}

function isHttpUrl(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)
}

/** RFC 3339 to ISO 8601 in UTC. @throws ApiError 400 / 12130 for a moment that does not exist. */
export function moment(text: string, name: string): string {
  const at = Date.parse(text)
  if (Number.isNaN(at)) throw invalid(`${name} is not a time`)
  return new Date(at).toISOString()
}

/** The fields among `keys` that a body has. */
export function pick<Body extends object, Key extends keyof Body>(
  body: Body,
  keys: readonly Key[],
): Partial<Pick<Body, Key>> {
  const picked: Partial<Pick<Body, Key>> = {}
  for (const key of keys) if (Object.hasOwn(body, key)) picked[key] = body[key]
  return picked
}
