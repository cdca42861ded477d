/**
 * Names that often lead to the same application as a hostname does. Pure.
 * @module
 */

import { X509Certificate } from 'node:crypto'

/** First labels under which the same application is often reachable too. */
const neighbourLabels = ['www', 'api', 'app', 'origin', 'direct', 'staging', 'test', 'dev', 'old'] as const

/** The name with and without `www.`, and common first labels in place of its own. */
export function neighbourNames(hostname: string): string[] {
  const [first = '', ...rest] = hostname.split('.')
  const parent = rest.join('.')
  const names = [
    ...(first === 'www' ? [parent] : [`www.${hostname}`]),
    // Never a public suffix: two labels at least stay behind the one that is replaced.
    ...(rest.length >= 2 ? [parent, ...neighbourLabels.map((label) => `${label}.${parent}`)] : []),
  ]
  return [...new Set(names)].filter((name) => name !== hostname && name.includes('.'))
}

/** Hostnames on a certificate (DER) that are no wildcards, in lower case. */
export const namesOn = (certificate: Buffer | undefined): string[] =>
  certificate === undefined
    ? []
    : [
        ...(new X509Certificate(certificate).subjectAltName ?? '').matchAll(/DNS:([a-z0-9][a-z0-9.-]*)/gi),
      ].map(([, name = '']) => name.toLowerCase())
