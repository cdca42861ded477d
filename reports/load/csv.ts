/**
 * Every figure as a line, for spreadsheets and scripts (RFC 4180).
 * @module
 */
import { oneLine } from '../text.ts'
import { type Interval, type LoadReport, notMeasurable } from './types.ts'
import { costName, floodRate, outcomeOf, p99Of } from './words.ts'

/** Columns of the file; the last is empty or says why there is no figure. */
export const csvHead = ['what', 'target', 'subject', 'unit', 'estimate', 'low', 'high', 'note'] as const

type Line = [
  what: string,
  target: string,
  subject: string,
  unit: string,
  figure: Interval | number | undefined,
  note: string,
]

/** Renders the lines. A figure that is not known is an empty field, never 0. */
export function renderLoadCsv(report: LoadReport): string {
  const lines = [...costLines(report), ...capacityLines(report), ...floodLines(report)]
  return `${[csvHead, ...lines.map(fields)].map((line) => line.map(field).join(',')).join('\r\n')}\r\n`
}

const costLines = ({ costs }: LoadReport): Line[] =>
  costs.flatMap((cost): Line[] => {
    const target = costName(cost)
    return [
      ['server-cpu', target, 'control', 'us', cost.control, ''],
      ...cost.categories.flatMap((category): Line[] => {
        const { id, server, client, verification, displacement, asymmetry, notMeasured = '' } = category
        const note = notMeasured === '' ? outcomeOf(category) : notMeasured
        return [
          ['server-cpu', target, id, 'us', server, note],
          ['client-cpu', target, id, 'us', client, note],
          ['verification', target, id, 'us', verification, note],
          ['displacement', target, id, 'valid', displacement, note],
          ['asymmetry', target, id, 'ratio', asymmetry, note],
        ]
      }),
    ]
  })

const capacityLines = ({ capacities }: LoadReport): Line[] =>
  capacities.flatMap(({ target, result }): Line[] => [
    ['holds', target, 'valid', 'per-second', result.knee.holds, result.ended],
    ['breaks', target, 'valid', 'per-second', result.knee.breaks, result.doubt ?? result.ended],
    ...result.steps.map(
      ({ rate, p99Ms, verdict }): Line => ['p99', target, `${rate}/s`, 'ms', p99Ms, verdict],
    ),
  ])

const floodLines = ({ floods }: LoadReport): Line[] =>
  floods.flatMap(({ target, steps }) =>
    steps.map((step): Line => {
      const { victims, why } = step
      const p99 = p99Of(victims)
      return ['victims-p99', target, floodRate(step), 'ms', p99 === notMeasurable ? undefined : p99, why]
    }),
  )

function fields([what, target, subject, unit, figure, note]: Line): string[] {
  const [estimate, low, high] =
    typeof figure === 'number'
      ? [figure, undefined, undefined]
      : [figure?.estimate, figure?.low, figure?.high]
  return [what, target, subject, unit, ...[estimate, low, high].map(number), note]
}

const number = (value: number | undefined): string =>
  value === undefined || !Number.isFinite(value) ? '' : String(value)

/** Text that a spreadsheet would take for a formula begins with an apostrophe (OWASP, CSV injection). */
function field(text: string): string {
  const line = oneLine(text)
  const safe = /^[=+\-@|%]/.test(line) && !/^-?\d/.test(line) ? `'${line}` : line
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
