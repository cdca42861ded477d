/**
 * PEM (RFC 7468): blocks in, blocks out.
 * @module
 */

/** One PEM block. */
export interface PemBlock {
  /** `CERTIFICATE`, `PRIVATE KEY`, `EC PRIVATE KEY`, … */
  label: string
  /** The block as written, boundaries included. */
  text: string
  /** Decoded body; meaningless for the encrypted pre-PKCS#8 form, which carries headers. */
  der: Buffer
}

/** Every block of a text, in order; text between blocks is ignored, as RFC 7468 §2 asks. Linear in the text's length. */
export function pemBlocks(text: string): PemBlock[] {
  const found: PemBlock[] = []
  const begin = /-----BEGIN ([A-Z0-9 ]{1,64})-----/g
  for (let match = begin.exec(text); match !== null; match = begin.exec(text)) {
    const [{ length }, label = ''] = match
    const end = `-----END ${label}-----`
    const stop = text.indexOf(end, match.index + length)
    if (stop < 0) break
    const body = text.slice(match.index + length, stop)
    // Headers (RFC 1421) stand above an empty line.
    const base64 = /^\s*[A-Za-z-]+:/.test(body) ? body.replace(/^[\s\S]*?\n\r?\n/, '') : body
    begin.lastIndex = stop + end.length
    found.push({
      label,
      text: `${text.slice(match.index, begin.lastIndex)}\n`,
      der: Buffer.from(base64, 'base64'),
    })
  }
  return found
}

/** One PEM block from DER, lines of 64 characters, newline at the end. */
export function toPem(label: string, der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? []
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`
}

/** The certificates of a text as DER, in order. */
export function certificatesIn(text: string): Buffer[] {
  return pemBlocks(text)
    .filter(({ label }) => label === 'CERTIFICATE' || label === 'X509 CERTIFICATE')
    .map(({ der }) => der)
}

/** DER certificates as one PEM text. */
export const certificatesToPem = (certificates: readonly Buffer[]): string =>
  certificates.map((der) => toPem('CERTIFICATE', der)).join('')
