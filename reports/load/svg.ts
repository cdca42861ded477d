/**
 * Charts as static SVG, made by echarts without a browser. What it writes is read strictly and built again from elements and
 * attributes that are known, through the escaping tag: nothing else can come into the page, whatever stands in a label.
 * @module
 */
import { type EChartsCoreOption, init } from 'echarts'
import { type Html, html } from '../html/escape.ts'

const elements = new Set([
  'svg',
  'g',
  'path',
  'text',
  'rect',
  'defs',
  'clipPath',
  'circle',
  'line',
  'polyline',
])
const attributes = new Set(
  'width height viewBox d fill fill-opacity fill-rule stroke stroke-width stroke-opacity stroke-dasharray stroke-linejoin stroke-linecap transform x y x1 x2 y1 y2 cx cy r points dominant-baseline text-anchor id clip-path clip-rule style font-size font-family font-weight opacity'.split(
    ' ',
  ),
)
const tag = /^<(\/?)([a-zA-Z]+)((?:\s+[a-zA-Z_:-]+="[^"<]*")*)\s*(\/?)>/
const references: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" }

/** A chart for wide and for narrow screens, with its words for who cannot see it. */
export function figure(
  label: string,
  caption: string,
  make: (narrow: boolean) => { option: EChartsCoreOption; height: number },
): Html {
  const draw = (narrow: boolean): Html => {
    const { option, height } = make(narrow)
    const width = narrow ? 340 : 960
    return html`<div class="chart ${narrow ? 'narrow' : 'wide'}">${drawSvg(option, width, height)}</div>`
  }
  return html`<figure role="img" aria-label="${label}">${draw(false)}${draw(true)}<figcaption class="small muted">${caption}</figcaption></figure>`
}

let drawn = 0

/** Draws. @throws Error when echarts writes what is not known here. */
export function drawSvg(option: EChartsCoreOption, width: number, height: number): Html {
  const chart = init(null, null, { renderer: 'svg', ssr: true, width, height })
  try {
    chart.setOption({ animation: false, ...option })
    drawn += 1
    return rebuild(chart.renderToSVGString(), `c${drawn}-`)
  } finally {
    chart.dispose()
  }
}

interface Open {
  name: string
  own: Html[]
  children: Html[]
}

/** Reads the markup and builds it again. Ids get a prefix, as several charts stand on a page. */
export function rebuild(source: string, prefix: string): Html {
  const root: Open = { name: '', own: [], children: [] }
  const open: Open[] = [root]
  const top = (): Open => open.at(-1) ?? root
  // Its style sheet is about the pointer, which a static picture does not meet.
  let rest = source.trim().replace(/<style >[^<]*<!\[CDATA\[[^\]]*\]\]>[^<]*<\/style>/, '')
  while (rest !== '') {
    const next = rest.indexOf('<')
    const text = next === -1 ? rest : rest.slice(0, next)
    if (text.trim() !== '' && top().name === 'text') top().children.push(html`${unescaped(text)}`)
    if (next === -1) break
    rest = rest.slice(next)
    const [whole, closing, name = '', own = '', empty] = tag.exec(rest) ?? []
    if (whole === undefined || !elements.has(name))
      throw new Error(`not known in a chart: ${rest.slice(0, 60)}`)
    rest = rest.slice(whole.length)
    if (closing !== '/') open.push({ name, own: attributesOf(own, prefix), children: [] })
    if (closing === '/' || empty === '/') close(open, name)
  }
  if (open.length > 1) throw new Error(`a chart ends inside <${top().name}>`)
  return html`${root.children}`
}

function close(open: Open[], name: string): void {
  const done = open.pop()
  const parent = open.at(-1)
  if (done === undefined || parent === undefined || done.name !== name)
    throw new Error(`</${name}> closes nothing`)
  parent.children.push(html`<${done.name}${done.own}>${done.children}</${done.name}>`)
}

function attributesOf(source: string, prefix: string): Html[] {
  return [...source.matchAll(/\s+([a-zA-Z_:-]+)="([^"]*)"/g)].flatMap(([, name = '', value = '']) => {
    if (!attributes.has(name)) return []
    return [html` ${name}="${own(name, unescaped(value), prefix)}"`]
  })
}

function own(name: string, value: string, prefix: string): string {
  if (name === 'id') return prefix + value
  if (name === 'clip-path') return value.replace(/^url\(#/, `url(#${prefix}`)
  // Fonts only: no url() and nothing that leaves the element.
  if (name === 'style') return /^[a-z0-9 ;:,.%'"-]*$/i.test(value) && !/url/i.test(value) ? value : ''
  return value
}

const unescaped = (text: string): string =>
  text.replace(/&(amp|lt|gt|quot|#39);/g, (_, name: string) => references[name] ?? '')
