/**
 * The truth: what every server does in every mode, written down from its documentation and configuration, and
 * confirmed with `openssl s_client` by expected.test.ts. Nothing here is read from the harness.
 *
 * Definitions: requested = a CertificateRequest came, and a connection without a certificate got an HTTP answer;
 * required = such a connection was refused in TLS; late = asked after the request; enforced = no request without a
 * valid certificate reached the application.
 * @module
 */
import { type VersionSet, versionSets } from '../../fixtures/servers/types.ts'
import { caddy } from './truths/caddy.ts'
import { haproxy } from './truths/haproxy.ts'
import { httpd } from './truths/httpd.ts'
import { nginx } from './truths/nginx.ts'
import { node } from './truths/node.ts'
import { openssl } from './truths/openssl.ts'
import type { Stranger, Truth, Version } from './truths/truth.ts'

export { type Stranger, strangers, type Truth, type Version } from './truths/truth.ts'

/** Every truth, in the order of the table. */
export const truths: readonly Truth[] = [...nginx, ...httpd, ...haproxy, ...caddy, ...node, ...openssl]

/** One server in one mode with one set of versions. */
export interface Cell {
  truth: Truth
  version: VersionSet
}

/** Every cell. */
export const cells: readonly Cell[] = truths.flatMap((truth) =>
  (truth.versions ?? versionSets).map((version) => ({ truth, version })),
)

/** Whether a version set includes a version. */
export const speaks = (version: VersionSet, one: Version): boolean => version === 'both' || version === one

/** Strangers who get the page in a TLS version. */
export const admitted = ({ admits }: Truth, version: Version): readonly Stranger[] =>
  isPerVersion(admits) ? admits[version] : admits

const isPerVersion = (admits: Truth['admits']): admits is Record<Version, readonly Stranger[]> =>
  !Array.isArray(admits)

/** What a run has to state. */
export interface Statement {
  'TLSv1.2': Truth['asks'] | 'unsupported'
  'TLSv1.3': Truth['asks'] | 'unsupported'
  enforced: boolean
  enforcedAt: Truth['refusedAt']
}

/** The facts that follow from a truth by the definitions. */
export function statementOf({ truth, version }: Cell): Statement {
  const asks = (one: Version): Statement[Version] => (speaks(version, one) ? truth.asks : 'unsupported')
  const spoken = (['TLSv1.2', 'TLSv1.3'] as const).filter((one) => speaks(version, one))
  const enforced = spoken.every((one) => admitted(truth, one).length === 0)
  return { 'TLSv1.2': asks('TLSv1.2'), 'TLSv1.3': asks('TLSv1.3'), enforced, enforcedAt: truth.refusedAt }
}
