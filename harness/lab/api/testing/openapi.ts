/**
 * Responses compared with the official OpenAPI document (a subset of 2024-08). For tests.
 *
 * Where the official SDK is newer and says otherwise, the SDK wins: {@link newer} lists those places, each with why.
 * @module
 */
import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv'
import formats from 'ajv-formats'

/** Beside the checkout; absent where only the repository is. */
const file = new URL('../../../../../shared/vectors/cloudflare-openapi-subset.json', import.meta.url)

/** A place where the document is older than the SDK: errors there are passed over. */
interface Newer {
  /** Path template of the document, or the end of one. */
  path: RegExp
  /** Place in the body, as JSON pointer. */
  at: RegExp
  /** Keyword of JSON Schema that then fails. */
  keyword: string
  why: string
}

/** What the SDK (7.3.0) knows better. */
const newer: readonly Newer[] = [
  {
    path: /\/mtls_certificates/,
    at: /^\/result(\/\d+)?\/id$/,
    keyword: 'maxLength',
    why: 'the SDK shows a UUID (36 characters), and so does mtls_certificate_id of the document itself',
  },
  ...['oneOf', 'required'].map((keyword) => ({
    path: /\/access\//,
    at: /\/(include|exclude|require)\/\d+$/,
    keyword,
    why: 'the document lacks the selectors common_name, login_method and oidc, which the SDK has',
  })),
  {
    path: /\/rulesets\/phases\//,
    at: /^\/result$/,
    keyword: 'type',
    why: 'the SDK has dry_run, whose successes have a result of null',
  },
]

interface Document {
  paths: Record<string, Record<string, { responses?: Record<string, Response> } | undefined>>
  components: { responses: Record<string, Response> }
}
interface Response {
  $ref?: string
  content?: Record<string, { schema: Json }>
}
type Json = null | boolean | number | string | Json[] | { [key: string]: Json }

interface Loaded {
  document: Document
  ajv: Ajv
  templates: { template: string; pattern: RegExp }[]
  compiled: Map<string, ValidateFunction>
}

let loaded: Loaded | undefined

/** Whether the document is there. */
export const haveOpenApi = existsSync(file)

/**
 * Asserts that an answer is what the document says about its path, method and status.
 * @param path below `/client/v4`, query allowed.
 * @returns what the answer was compared with; undefined: the document is absent or has no such path, method or status.
 * @throws AssertionError naming every place that is wrong.
 */
export function checkResponse(
  method: string,
  path: string,
  status: number,
  body: unknown,
): string | undefined {
  if (!haveOpenApi) return undefined
  const { document, ajv, templates, compiled } = load()
  const [pathname = ''] = path.split('?')
  const template = templates.find(({ pattern }) => pattern.test(pathname))?.template
  if (template === undefined) return undefined
  const operation = document.paths[template]?.[method.toLowerCase()]
  const key = [String(status), `${Math.floor(status / 100)}XX`, `${Math.floor(status / 100)}xx`].find(
    (name) => operation?.responses?.[name] !== undefined,
  )
  if (operation === undefined || key === undefined) {
    // A success with a status the document does not know is a difference, not a gap.
    if (operation !== undefined && status < 400)
      assert.fail(`${method} ${template}: the document has no status ${status}`)
    return undefined
  }
  const named = operation.responses?.[key]
  const response = document.components.responses[named?.$ref?.split('/').at(-1) ?? ''] ?? named
  const schema = response?.content?.['application/json']?.schema
  if (schema === undefined) return undefined
  const name = `${method.toUpperCase()} ${template} ${key}`
  let validate = compiled.get(name)
  if (validate === undefined) {
    validate = ajv.compile(status < 400 ? schemaOf(schema) : schemaOf(failureOnly(schema)))
    compiled.set(name, validate)
  }
  if (!validate(body)) {
    const errors = (validate.errors ?? []).filter((error) => !isNewer(template, error))
    assert.deepEqual(
      errors.map(({ instancePath, message }) => `${instancePath} ${message}`),
      [],
      `${name}: not what the OpenAPI document says`,
    )
  }
  return name
}

function load(): Loaded {
  if (loaded !== undefined) return loaded
  const document = JSON.parse(readFileSync(file, 'utf8')) as Document
  const ajv = new Ajv({ strict: false, allErrors: true, logger: false })
  formats.default(ajv)
  ajv.addSchema({ $id: 'https://openapi.invalid/', ...(convert(document as unknown as Json) as object) })
  const templates = Object.keys(document.paths)
    .map((template) => ({ template, pattern: new RegExp(`^${template.replace(/\{[^}]+\}/g, '[^/]+')}/?$`) }))
    // Literal segments before parameters: `/hostnames/certificates` is no `/hostnames/{hostname}`.
    .toSorted((a, b) => parameters(a.template) - parameters(b.template))
  loaded = { document, ajv, templates, compiled: new Map() }
  return loaded
}

const parameters = (template: string): number => template.split('{').length

const schemaOf = (schema: Json): object => relocate(convert(schema)) as object

/** The document says of a failure that it is a success too (allOf of both), which nothing can be. */
function failureOnly(schema: Json): Json {
  const parts = isObject(schema) && Array.isArray(schema.allOf) ? schema.allOf : [schema]
  return parts.find((part) => JSON.stringify(part).includes('failure')) ?? schema
}

/** OpenAPI 3.0 to JSON Schema: `nullable`, and no `discriminator`. */
function convert(value: Json): Json {
  if (Array.isArray(value)) return value.map(convert)
  if (!isObject(value)) return value
  const { nullable, discriminator: _, ...rest } = value
  const schema = Object.fromEntries(Object.entries(rest).map(([key, inner]) => [key, convert(inner)]))
  // Not a schema but a property of that name.
  if (nullable !== undefined && typeof nullable !== 'boolean')
    return { ...schema, nullable: convert(nullable) }
  return nullable === true ? { anyOf: [{ type: 'null' }, schema] } : schema
}

function relocate(value: Json): Json {
  if (Array.isArray(value)) return value.map(relocate)
  if (!isObject(value)) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key,
      key === '$ref' && typeof inner === 'string' ? `https://openapi.invalid/${inner}` : relocate(inner),
    ]),
  )
}

const isObject = (value: Json | undefined): value is { [key: string]: Json } =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const isNewer = (template: string, { instancePath, keyword }: ErrorObject): boolean =>
  newer.some((row) => row.path.test(template) && row.at.test(instancePath) && row.keyword === keyword)
