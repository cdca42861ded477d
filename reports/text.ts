/**
 * Making text safe to show. Most text of a results file was written by the server under test: it may hold terminal
 * escape sequences, direction overrides that make a line read otherwise than it is (CVE-2021-42574), or megabytes.
 * @module
 */

/** Controls (except newline and tab), format characters (bidi, zero width), lone surrogates, line separators. */
const invisible = /(?![\n\t])\p{Cc}|\p{Cf}|\p{Cs}|[\u2028\u2029]/gu

const escaped = (char: string): string => {
  const code = char.codePointAt(0) ?? 0
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`
}

/** Replaces every invisible character by its visible escape; CRLF becomes LF. Newlines and tabs stay. */
export const visible = (text: string): string => text.replaceAll('\r\n', '\n').replace(invisible, escaped)

/** The same on one line: runs of white space become one space. */
export const oneLine = (text: string): string => visible(text).replace(/\s+/g, ' ').trim()

/** Cuts to `max` UTF-16 units and says how much is missing. Never splits a surrogate pair. */
export function clip(text: string, max: number): string {
  if (text.length <= max) return text
  const last = text.charCodeAt(max - 1)
  const end = last >= 0xd800 && last <= 0xdbff ? max - 1 : max
  return `${text.slice(0, end)}… (${thousands(text.length - end)} more characters)`
}

/** One line of at most `max` characters, ending in an ellipsis where it was cut: between words where one ends nearby. */
export function short(text: string, max: number): string {
  // A line is never made from more than its beginning, however long the text is.
  const line = oneLine(text.slice(0, 4 * max + 64))
  if (line.length <= max) return line
  const room = Math.max(0, max - 1)
  const space = line.lastIndexOf(' ', room)
  const end = space > room / 2 ? space : room
  return `${line
    .slice(0, end)
    .replace(/[\s,;:]+$/, '')
    .toWellFormed()}…`
}

/** `12345` → `12,345`. */
export const thousands = (count: number): string => count.toLocaleString('en-US')

/** `1 finding`, `2 findings`. */
export const plural = (count: number, noun: string, many = `${noun}s`): string =>
  `${thousands(count)} ${count === 1 ? noun : many}`

/** Milliseconds for people: `12 ms`, `3.4 s`, `2 min 5 s`. */
export function duration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`
  const seconds = Math.round(ms / 1000)
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`
}

/** A block of prose: a paragraph to be flowed, or code to be kept as it is. */
export interface Block {
  kind: 'paragraph' | 'code'
  text: string
}

/** Reads the catalogue's plain text: a blank line ends a paragraph, lines indented by two spaces are code. */
export function prose(text: string): Block[] {
  const blocks: Block[] = []
  let open: Block | undefined
  for (const line of text.replaceAll('\r\n', '\n').split('\n')) {
    const kind = /^(?: {2}|\t)/.test(line) ? 'code' : 'paragraph'
    const content = kind === 'code' ? line.replace(/^(?: {2}|\t)/, '').trimEnd() : line.trim()
    if (content === '') open = undefined
    else if (open?.kind === kind) open.text += kind === 'code' ? `\n${content}` : ` ${content}`
    else {
      open = { kind, text: content }
      blocks.push(open)
    }
  }
  return blocks
}
