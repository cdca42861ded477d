/**
 * Query parameters as routes need them: one text each, whatever was sent.
 * @module
 */
import type { FastifyRequest } from 'fastify'

/** The query, by name; a name given several times has its last value. */
export function queryOf(request: FastifyRequest): ReadonlyMap<string, string> {
  const given = new Map<string, string>()
  for (const [name, value] of Object.entries((request.query ?? {}) as Record<string, unknown>)) {
    const last = Array.isArray(value) ? value.at(-1) : value
    if (typeof last === 'string') given.set(name, last)
  }
  return given
}

/** A path parameter. */
export const pathParameter = (request: FastifyRequest, name: string): string =>
  (request.params as Record<string, string>)[name] ?? ''

/** A whole number of at most seven digits, or undefined. */
export const wholeNumber = (text: string | undefined): number | undefined =>
  text !== undefined && /^\d{1,7}$/.test(text) ? Number(text) : undefined

/** `2023-02-23T23:18:00Z`: times where the API shows whole seconds. */
export const inSeconds = (iso: string): string => iso.replace(/\.\d+Z$/, 'Z')
