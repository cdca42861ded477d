/**
 * HTML that is safe by construction: every value that goes through the {@link html} tag is escaped, unless it is HTML
 * made by the same tag.
 * @module
 */
import { clip, visible } from '../text.ts'

/** Markup made by {@link html}. Nothing else makes it: there is no way to mark a string as safe. */
export class Html {
  readonly #markup: string

  private constructor(markup: string) {
    this.#markup = markup
  }

  /** Builds markup from a template literal's fixed parts and its values. Used as the tag {@link html}. */
  static build(fixed: TemplateStringsArray, ...values: Value[]): Html {
    return new Html(String.raw({ raw: fixed }, ...values.map(render)))
  }

  toString(): string {
    return this.#markup
  }
}

/** What may stand in a template. */
export type Value = string | number | Html | readonly Value[] | undefined

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** Longest text shown; the whole of it is in results.json. A hostile server must not make the page unreadable. */
const longest = 4000

/** Escapes text for element content and double-quoted attributes alike; invisible characters become visible. */
export const escapeHtml = (text: string): string =>
  visible(clip(text, longest)).replace(/[&<>"']/g, (char) => entities[char] ?? '')

function render(value: Value): string {
  if (value === undefined) return ''
  if (value instanceof Html) return value.toString()
  if (typeof value === 'string') return escapeHtml(value)
  if (typeof value === 'number') return String(value)
  return value.map(render).join('')
}

/** Tag for templates: `` html`<p>${text}</p>` ``. */
export const html = (fixed: TemplateStringsArray, ...values: Value[]): Html => Html.build(fixed, ...values)
