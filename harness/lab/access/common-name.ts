/**
 * The common name of a certificate's subject.
 * @module
 */

/** Splits at commas and plus signs that are not escaped: `CN=a\,b,O=c` has two parts. */
const partsOf = (name: string): string[] => name.match(/(?:\\[\s\S]|[^,+\\])+/g) ?? []

const unescaped = (text: string): string =>
  text.replace(/((?:\\[0-9a-f]{2})+)|\\([\s\S])/gi, (_, bytes: string | undefined, character: string) =>
    bytes === undefined ? character : Buffer.from(bytes.replaceAll('\\', ''), 'hex').toString('utf8'),
  )

/**
 * The most specific common name of an RFC 4514 name, which has that one first; undefined where there is none, or where its
 * type is no character string (`#…`).
 */
export function commonNameOf(rfc4514: string): string | undefined {
  const part = partsOf(rfc4514).find((text) => /^\s*(?:CN|2\.5\.4\.3)=/i.test(text))
  const value = part?.slice(part.indexOf('=') + 1)
  return value === undefined || value === '' || value.startsWith('#') ? undefined : unescaped(value)
}
