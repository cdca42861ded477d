/**
 * The time line of a drill as SVG: one bar per identity, one vertical line per step.
 * @module
 */
import { type Html, html } from '../html/escape.ts'
import type { DrillResult, DrillSegment } from './types.ts'

const width = 1000
const left = 8
const lane = 44
const bar = 18
const foot = 34

/** Draws it. */
export function timeline({ lanes, steps, segments, durationMs }: DrillResult): Html {
  const span = Math.max(1, durationMs)
  const x = (at: number): number => round(left + (Math.min(at, span) / span) * (width - 2 * left))
  const bottom = lanes.length * lane + 6
  // Numbers that would stand on one another are left out; the table below has every step.
  let free = 0
  const marks = steps.map(({ from, does }, at) => {
    const where = x(from)
    const shown = where >= free
    if (shown) free = where + 16
    return html`<line class="step" x1="${where}" x2="${where}" y1="0" y2="${bottom}"><title>${at + 1}. ${does}</title></line>${
      shown ? html`<text x="${where}" y="${bottom + 14}">${at + 1}</text>` : undefined
    }`
  })
  const bars = lanes.map(({ id, label }, at) => {
    const y = at * lane
    const own = segments.filter((segment) => segment.lane === id)
    return html`<text class="name" x="${left}" y="${y + 14}">${label}</text>${own.map((segment, index) =>
      stretch(segment, { y: y + 20, from: x(segment.from), to: x(own[index + 1]?.from ?? segment.to) }),
    )}`
  })
  const ticks = [0, 0.25, 0.5, 0.75, 1].map(
    (part) =>
      html`<text x="${round(left + part * (width - 2 * left))}" y="${bottom + 30}" text-anchor="${anchor(part)}">${((part * span) / 1000).toFixed(1)} s</text>`,
  )
  return html`<svg class="line" viewBox="0 0 ${width} ${bottom + foot}" role="img" aria-label="Time line: what each identity met, step by step">
${marks}${bars}${ticks}
</svg>`
}

const round = (value: number): number => Math.round(value * 10) / 10

const anchor = (part: number): string => (part === 0 ? 'start' : part === 1 ? 'end' : 'middle')

function stretch(
  { seen, wrong, count, answer, from: began, to: ended }: DrillSegment,
  { y, from, to }: { y: number; from: number; to: number },
): Html {
  const kind = wrong === null ? seen : 'wrong'
  return html`<rect class="${kind}" x="${from}" y="${y}" width="${round(Math.max(2, to - from))}" height="${bar}"><title>${seen}: ${answer}, ${count} requests, ${began} to ${ended} ms</title></rect>`
}
