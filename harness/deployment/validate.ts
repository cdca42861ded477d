/**
 * The deployment file against its JSON Schema, with errors in the words of the person who wrote the file.
 * @module
 */
import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js'
import formats from 'ajv-formats'
import { dotted, type Finding, type Path, quoted } from './problems.ts'
import schema from './schema.json' with { type: 'json' }
import { nearest } from './suggest.ts'

let compiled: ValidateFunction | undefined

function validator(): ValidateFunction {
  if (compiled !== undefined) return compiled
  const ajv = new Ajv2020({
    allErrors: true,
    verbose: true,
    strict: true,
    strictRequired: false,
    allowUnionTypes: true,
    // Both halve the time to compile. That the schema is a schema is tested, not looked at in every run.
    inlineRefs: false,
    validateSchema: false,
  })
  formats.default(ajv, ['date'])
  compiled = ajv.compile(schema)
  return compiled
}

/** Everything that the schema finds wrong with a file's value. `fromEnv` paths are not quoted. */
export function validateForm(value: unknown, fromEnv: (path: Path) => boolean): Finding[] {
  const validate = validator()
  if (validate(value)) return []
  const findings = new Map<string, Finding>()
  const missing = new Map<string, string[]>()
  for (const error of validate.errors ?? []) {
    const path = pathOf(error.instancePath, value)
    if (error.keyword === 'required') {
      const key = JSON.stringify(path)
      missing.set(key, [...(missing.get(key) ?? []), String(error.params.missingProperty)])
      continue
    }
    const finding = translate(error, path, fromEnv)
    if (finding === undefined) continue
    // One value, one problem: the first says it.
    const key = JSON.stringify(finding.path)
    if (!findings.has(key)) findings.set(key, finding)
  }
  return [...findings.values(), ...[...missing].map(([key, names]) => missingKeys(JSON.parse(key), names))]
}

function translate(error: ErrorObject, path: Path, fromEnv: (path: Path) => boolean): Finding | undefined {
  const { keyword, params, data } = error
  const parent = (error.parentSchema ?? {}) as { title?: string; writeOnly?: boolean; properties?: object }
  const invalid = (message: string, extra: Partial<Finding> = {}): Finding => {
    return { code: 'ERR_DEPLOYMENT_INVALID', path, message, ...extra }
  }
  const shown = fromEnv(path) ? 'the value from the environment' : quoted(data)
  switch (keyword) {
    case 'additionalProperties':
      return unknownKey(path, String(params.additionalProperty), Object.keys(parent.properties ?? {}))
    case 'enum': {
      const values = (params.allowedValues as unknown[]).map(String)
      const meant = fromEnv(path) || typeof data !== 'string' ? undefined : nearest(data, values)
      const hint = meant === undefined ? '' : `; did you mean ${meant}?`
      return invalid(`${dotted(path)}: ${shown} is not one of ${values.join(', ')}${hint}`)
    }
    case 'false schema': {
      const other = instead.get(path.at(-1)) ?? 'pfx'
      const message = `${dotted(path)}: cannot be used together with \`${other}\`; leave one of them out`
      return invalid(message, { part: 'key' })
    }
    case 'dependentRequired':
      return invalid(
        `${dotted(path)}: \`${params.property}\` is of no use without \`${params.missingProperty}\``,
        {
          path: [...path, String(params.property)],
          part: 'key',
        },
      )
    case 'propertyNames': {
      const name = String(params.propertyName)
      return invalid(`${quoted(name)} in ${dotted(path)} is not a header name`, {
        path: [...path, name],
        part: 'key',
      })
    }
    case 'uniqueItems':
      return invalid(`${dotted(path)}: the same value is given twice`, { path: [...path, Number(params.i)] })
    case 'minProperties':
    case 'minItems':
      return invalid(`${dotted(path)}: is empty; expected ${parent.title}`)
    case 'if':
      return undefined
  }
  // The error about a property's name, of which `propertyNames` speaks.
  if (error.propertyName !== undefined) return undefined
  if (data === null || data === undefined || data === '') {
    const label = path.length === 0 ? 'the file' : `${dotted(path)}:`
    return invalid(`${label} is empty; expected ${parent.title}`, { part: 'key' })
  }
  if (parent.writeOnly === true) return literalSecret(path)
  const label = path.length === 0 ? 'this' : `${dotted(path)}: ${shown}`
  return invalid(`${label} is not ${parent.title}`)
}

// What a key excludes, beside `pfx`, which excludes cert and key.
const instead = new Map<unknown, string>([
  ['body', 'bodyText'],
  ['secret', 'secretFile'],
  ['token', 'tokenFile'],
  ['session', 'sessionFile'],
  ['writeToken', 'writeTokenFile'],
])

function literalSecret(path: Path): Finding {
  const file =
    path.at(-1) === 'passphrase' ? '' : ` (or give the path of a file that holds it in ${path.at(-1)}File)`
  return {
    code: 'ERR_DEPLOYMENT_SECRET',
    path,
    message: `${dotted(path)}: a secret is written in the file`,
    hint: `put it in an environment variable, write \${NAME} here instead${file}, and consider the written one known`,
  }
}

function unknownKey(parent: Path, key: string, known: readonly string[]): Finding {
  const where = parent.length === 0 ? '' : ` in ${dotted(parent)}`
  const base = { code: 'ERR_DEPLOYMENT_INVALID', path: [...parent, key], part: 'key' } as const
  const meant = nearest(key, known)
  const elsewhere = homes.get(key)
  let advice = `; known here: ${known.join(', ')}`
  if (meant !== undefined) advice = `; did you mean \`${meant}\`?`
  else if (elsewhere !== undefined) advice = `; it belongs in ${elsewhere}`
  return { ...base, message: `unknown key ${quoted(key)}${where}${advice}` }
}

function missingKeys(path: Path, names: readonly string[]): Finding {
  const where = path.length === 0 ? '' : ` in ${dotted(path)}`
  const keys = names.map((name) => `\`${name}\``).join(' and ')
  const lists: unknown[] = ['identities', 'strangers', 'publicCertificates']
  const identity = lists.includes(path.at(-2)) && names.some((name) => name !== 'name')
  const secret = names.find((name) => name === 'secret' || name === 'token')
  return {
    code: 'ERR_DEPLOYMENT_INVALID',
    path,
    part: 'key',
    absent: true,
    message: `missing ${names.length === 1 ? 'key' : 'keys'} ${keys}${where}`,
    ...(identity ? { hint: 'an identity is cert and key, or pfx' } : {}),
    ...(secret === undefined
      ? {}
      : { hint: `${secret} is a reference such as \${NAME}; ${secret}File the path of a file instead` }),
  }
}

// Where a key that stands in the wrong place belongs: only those for which there is one answer.
const homes = new Map<string, string>([
  ...['audience', 'serviceToken', 'otherServiceToken', 'team'].map((key) => [key, '`access`'] as const),
  ...['pulls', 'plainPorts'].map((key) => [key, '`origin`'] as const),
  ...['zone', 'account', 'baseURL'].map((key) => [key, '`controlPlane`'] as const),
  ...Object.keys(schema.$defs.mtls.properties).map((key) => [key, '`mtls`'] as const),
  ...Object.keys(schema.properties).map((key) => [key, 'the top level of the file'] as const),
])

/** A JSON Pointer (RFC 6901) as a path; parts that index a list become numbers. */
function pathOf(instancePath: string, value: unknown): Path {
  const path: (string | number)[] = []
  let node = value
  for (const part of instancePath.split('/').slice(1)) {
    const key = part.replaceAll('~1', '/').replaceAll('~0', '~')
    const step = Array.isArray(node) ? Number(key) : key
    path.push(step)
    node =
      typeof node === 'object' && node !== null ? (node as Record<string | number, unknown>)[step] : undefined
  }
  return path
}
