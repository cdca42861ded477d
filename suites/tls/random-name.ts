/**
 * Names that nobody has configured.
 * @module
 */
import { isIP } from 'node:net'

/** A label that is nobody's. */
export const randomLabel = (): string => Math.random().toString(36).slice(2, 10)

/** A random name beside a hostname, under the same wildcard. */
export function nameBeside(hostname: string): string {
  const [, ...rest] = hostname.split('.')
  if (isIP(hostname) !== 0) return `${randomLabel()}.invalid`
  return [randomLabel(), ...(rest.length > 1 ? rest : [hostname])].join('.')
}
