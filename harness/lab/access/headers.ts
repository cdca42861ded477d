/**
 * Headers of a request as Access reads them.
 * @module
 */
import type { Headers } from './types.ts'

/** Every value of a header. @param name lower case. */
export const valuesOf = (headers: Headers, name: string): string[] =>
  headers.filter(([key]) => key.toLowerCase() === name).map(([, value]) => value)

/** The value of a header that came once; undefined where it is absent or came more than once. */
export function onlyValueOf(headers: Headers, name: string): string | undefined {
  const [value, ...more] = valuesOf(headers, name)
  return more.length === 0 ? value : undefined
}

/** A name as a CGI-like application reads it. */
const folded = (name: string): string => name.toLowerCase().replace(/[^a-z0-9]/g, '-')

/** What only Access may say to an origin. */
const assertions: ReadonlySet<string> = new Set([
  'cf-access-jwt-assertion',
  'cf-access-authenticated-user-email',
])

/** Secrets that are meant for Access alone. */
const secrets: ReadonlySet<string> = new Set(['cf-access-client-id', 'cf-access-client-secret'])

/** The header claims what only Access may say, in whatever spelling. */
export const isAssertion = (name: string): boolean => assertions.has(folded(name))

/** The header is a service token's. */
export const isServiceHeader = (name: string): boolean => secrets.has(folded(name))

/** Written as documented: letters and dashes. */
export const isPlain = (name: string): boolean => !name.includes('_')
