/**
 * Colour and measure for terminals.
 * @module
 */
import { styleText } from 'node:util'
import type { verdictWords } from '../wording.ts'

/** Styles in use. */
type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'magenta' | 'cyan'

/** Colours text, or leaves it as it is. The caller decides: terminal or not, NO_COLOR, `--color`. */
export type Paint = (style: Style | readonly Style[], text: string) => string

/** A paint for one output. */
export const paintFor =
  (color: boolean): Paint =>
  (style, text) =>
    color && text !== '' && style.length > 0
      ? styleText([style].flat() as Style[], text, { validateStream: false })
      : text

/** A style that stands for a tone. */
export type ToneStyle = Style

/** Colour of each tone. */
export const toneStyles: Readonly<Record<(typeof verdictWords)['pass']['tone'], ToneStyle>> = {
  good: 'green',
  bad: 'red',
  warn: 'yellow',
  unsure: 'magenta',
  quiet: 'dim',
}

const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' })
/** East Asian wide and emoji, roughly as terminals draw them (Unicode TR 11). */
const wide =
  /^[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{1b000}-\u{1b2ff}\u{20000}-\u{3fffd}]|^\p{Emoji_Presentation}/u

const ascii = /^[ -~]*$/

/** Columns that plain text (no escapes, one line) takes. */
export function columns(text: string): number {
  if (ascii.test(text)) return text.length
  let total = 0
  for (const { segment } of segmenter.segment(text)) total += wide.test(segment) ? 2 : 1
  return total
}

/** Cuts a line to `width` columns, with an ellipsis where it was cut. */
export function cut(text: string, width: number): string {
  if (columns(text) <= width) return text
  let out = ''
  let used = 0
  for (const { segment } of segmenter.segment(text)) {
    const next = wide.test(segment) ? 2 : 1
    if (used + next > width - 1) break
    out += segment
    used += next
  }
  return width <= 0 ? '' : `${out.trimEnd()}…`
}

/** Cuts or fills to exactly `width` columns. */
export const pad = (text: string, width: number): string => {
  const part = cut(text, width)
  return part + ' '.repeat(Math.max(0, width - columns(part)))
}

/** Breaks one line of text into lines of at most `width` columns, at spaces where it can. */
export function wrap(text: string, width: number): string[] {
  const limit = Math.max(10, width)
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ').flatMap((one) => pieces(one, limit))) {
    if (line === '') line = word
    else if (columns(line) + 1 + columns(word) <= limit) line += ` ${word}`
    else {
      lines.push(line)
      line = word
    }
  }
  return line === '' ? lines : [...lines, line]
}

/** A word longer than the line is broken where the line ends. */
function pieces(word: string, limit: number): string[] {
  if (columns(word) <= limit) return word === '' ? [] : [word]
  const out: string[] = []
  let piece = ''
  let used = 0
  for (const { segment } of segmenter.segment(word)) {
    const next = wide.test(segment) ? 2 : 1
    if (used + next > limit) {
      out.push(piece)
      piece = ''
      used = 0
    }
    piece += segment
    used += next
  }
  return piece === '' ? out : [...out, piece]
}
