/**
 * A strict reader of the little HTML and XML that this folder writes. For tests: it knows nothing of recovery, so
 * whatever a browser would have to guess about is an error here.
 * @module
 */

/** An element with its attributes. */
export interface Element {
  name: string
  attributes: Map<string, string>
  /** Text directly inside, references resolved. */
  text: string
  path: string
}

const voids = new Set(['meta', 'br', 'link', 'img', 'input', 'hr'])
const tag = /^<(\/?)([a-z][a-z0-9-]*)((?:\s+[a-z][a-z-]*="[^"<>]*")*)\s*(\/?)>/i
const reference = /&(?:amp|lt|gt|quot|apos|#\d{1,7});/g
const named: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

/** Reads markup. Throws at the first thing that is not strict: a stray `<` or `&`, an unclosed or misnested element. */
export function readMarkup(source: string, { html }: { html: boolean }): Element[] {
  const elements: Element[] = []
  const open: Element[] = []
  let rest = source.replace(html ? /^<!doctype html>\n/ : /^<\?xml version="1\.0" encoding="UTF-8"\?>\n/, '')
  if (rest === source) throw new Error('prologue is missing')
  while (rest !== '') {
    const next = rest.indexOf('<')
    const text = next === -1 ? rest : rest.slice(0, next)
    const current = open.at(-1)
    if (current !== undefined) current.text += resolve(text)
    else if (text.trim() !== '') throw new Error(`text outside: ${text.slice(0, 40)}`)
    if (next === -1) break
    rest = rest.slice(next)
    const match = tag.exec(rest)
    if (match === null) throw new Error(`not a tag of ours: ${rest.slice(0, 80)}`)
    const [whole, closing = '', name = '', attributes = '', selfClosing = ''] = match
    rest = rest.slice(whole.length)
    if (closing === '/') {
      const last = open.pop()
      if (last?.name !== name) throw new Error(`</${name}> closes <${last?.name ?? 'nothing'}>`)
      continue
    }
    const element = {
      name,
      attributes: readAttributes(attributes),
      text: '',
      path: [...open.map((one) => one.name), name].join('/'),
    }
    elements.push(element)
    if (selfClosing === '/' || (html && voids.has(name))) continue
    open.push(element)
    // A style element has no references and ends at its end tag only.
    if (html && name === 'style') {
      const end = rest.indexOf('</style>')
      element.text = rest.slice(0, end)
      rest = rest.slice(end)
    }
  }
  if (open.length > 0) throw new Error(`unclosed <${open.at(-1)?.name}>`)
  return elements
}

function readAttributes(source: string): Map<string, string> {
  const attributes = new Map<string, string>()
  for (const [, name = '', value = ''] of source.matchAll(/\s+([a-z][a-z-]*)="([^"]*)"/gi)) {
    if (attributes.has(name)) throw new Error(`attribute ${name} twice`)
    attributes.set(name, resolve(value))
  }
  return attributes
}

function resolve(text: string): string {
  if (text.replace(reference, '').includes('&')) throw new Error(`stray & in ${text.slice(0, 80)}`)
  return text.replace(reference, (one) => {
    const name = one.slice(1, -1)
    return name.startsWith('#') ? String.fromCodePoint(Number(name.slice(1))) : (named[name] ?? '')
  })
}
