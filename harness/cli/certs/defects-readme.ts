/**
 * The index of `harness certs defects` for people.
 * @module
 */
import type { IndexEntry } from './defects.ts'

/** Markdown. */
export function readme(
  entries: readonly IndexEntry[],
  openssl: string | undefined,
  ca: string | undefined,
): string {
  const row = ({ id, what, openssl: said, twin, missing }: IndexEntry): string =>
    missing === undefined
      ? `| \`${id}\` | ${cell(what)} | ${cell(said)} | ${twin === undefined ? '' : cell(twin.openssl)} |`
      : `| \`${id}\` | ${cell(what)} | not made: needs ${cell(missing)} | |`
  const defects = entries.filter(({ kind }) => kind === 'defect')
  const good = entries.filter(({ kind }) => kind === 'good')
  const weak = entries.filter((entry) => entry.weak).map(({ id }) => `\`${id}\``)
  return `${[
    '# Client certificates, good and bad',
    `${ca === undefined ? '' : `Issued by \`${ca}\` (\`ca.pem\`). `}Each bad one differs from its twin in one thing: \`<id>.pem\` with \`<id>-key.pem\`, its twin \`<id>.twin.pem\` with \`<id>.twin-key.pem\`. The certificate comes first in the file, then what is sent with it.`,
    'A server that refuses the bad one and lets the twin in has seen the defect. A server that refuses both has said nothing about it.',
    `The verdicts are those of ${openssl ?? 'openssl, which is not installed here'}: \`openssl verify -CAfile ca.pem -purpose sslclient -auth_level 2\`, \`-untrusted\` with the certificates behind the first, for \`revoked\` also \`-crl_check -CRLfile crl.pem\`. \`OK\` for a bad one means that OpenSSL does not mind this defect: others do, and an edge should.`,
    ...(weak.length === 0
      ? []
      : [
          `The client's own TLS library may refuse to load ${weak.join(' and ')}: \`curl --ciphers DEFAULT@SECLEVEL=0\`.`,
        ]),
    ...(defects.length === 0 ? [] : [table(['id', 'what is wrong', 'openssl', 'twin'], defects.map(row))]),
    ...(good.length === 0 ? [] : ['## Good ones', table(['id', 'what it is', 'openssl', ''], good.map(row))]),
  ].join('\n\n')}\n`
}

const table = (head: string[], rows: string[]): string =>
  [`| ${head.join(' | ')} |`, `|${head.map(() => '---|').join('')}`, ...rows].join('\n')

const cell = (text: string): string => text.replaceAll('|', '\\|')
