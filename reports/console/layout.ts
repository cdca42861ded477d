/**
 * A page of a known width, and the two shapes its lines have.
 * @module
 */
import { oneLine } from '../text.ts'
import { type Paint, wrap } from './paint.ts'

/** What the sections need to know of the output. */
export interface Page {
  paint: Paint
  /** Columns. */
  width: number
  verbose: boolean
}

/** Longest text of one field; the report files have the whole. */
const longest = 1200

/** Text of a server as one safe line of bounded length. */
export const safe = (text: string): string => {
  const line = oneLine(text.slice(0, 2 * longest))
  return line.length > longest || text.length > 2 * longest
    ? `${line.slice(0, longest).toWellFormed()}…`
    : line
}

/** `label  text`, the text wrapped below itself. Nothing for an empty text. */
export function labelled(
  page: Page,
  label: string,
  text: string,
  indent: number,
  labelWidth: number,
): string[] {
  const body = wrap(safe(text), page.width - indent - labelWidth)
  return body.map((line, index) => {
    const head = index === 0 ? page.paint('dim', label.padEnd(labelWidth)) : ' '.repeat(labelWidth)
    return ' '.repeat(indent) + head + line
  })
}

/** A heading between blank lines. */
export const heading = ({ paint }: Page, text: string): string[] => ['', paint('bold', text)]
