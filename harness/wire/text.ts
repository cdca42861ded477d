/**
 * Text that came from a peer, made safe to print.
 * @module
 */

// Controls, and the Unicode marks that reorder or hide what stands around them (CVE-2021-42574).
const unsafe = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu

/** Control and direction characters as `\x1b` or `\u{202e}`; nothing a terminal would obey is left. */
export function escapeText(text: string): string {
  return text.replace(unsafe, (character) => {
    const code = character.codePointAt(0) ?? 0
    return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`
  })
}

/** A short quotation of bytes for an error text: printable characters kept, the rest escaped, at most `limit` bytes. */
export function quoteBytes(bytes: Buffer, limit = 32): string {
  const text = escapeText(bytes.subarray(0, limit).toString('latin1')).replace(
    /[\x80-\xff]/g,
    (character) => {
      return `\\x${character.charCodeAt(0).toString(16)}`
    },
  )
  return `"${text}${bytes.length > limit ? '…' : ''}"`
}
