/**
 * The charts as data for echarts. Colours are the page's own properties, so that light, dark and print are one picture.
 * @module
 */
import type { EChartsCoreOption } from 'echarts'
import { short } from '../text.ts'
import type { LoadCapacity, LoadCost, LoadFlood, LoadWaterfallStep } from './types.ts'
import { notMeasurable } from './types.ts'
import { fixed, floodRate, measured, outcomeWord, p99Of, usec } from './words.ts'

/** A chart with its height in pixels. */
export interface Chart {
  option: EChartsCoreOption
  height: number
}

const font = 'system-ui, sans-serif'
const textStyle = { color: 'var(--muted)', fontFamily: font, fontSize: 12 }
const line = { lineStyle: { color: 'var(--line)' } }
const axisText = { axisLabel: { ...textStyle, hideOverlap: true }, nameTextStyle: textStyle, splitLine: line }
const still = { silent: true, emphasis: { disabled: true } }

const valueAxis = (name: string, narrow: boolean): object => ({
  type: 'value',
  name,
  nameLocation: 'middle',
  nameGap: 26,
  splitNumber: narrow ? 3 : 6,
  ...axisText,
})

/** Names on the left take this much room. */
const names = (narrow: boolean): number => (narrow ? 120 : 200)

const nameAxis = (labels: readonly string[], longest: number): object => ({
  type: 'category',
  inverse: true,
  data: labels.map((label, at) => `${at} ${short(label, longest)}`),
  axisTick: { show: false },
  axisLine: line,
  // The number keeps equal names apart; it is not shown.
  axisLabel: {
    ...textStyle,
    color: 'var(--text)',
    formatter: (label: string) => label.replace(/^\d+ /, ''),
  },
})

interface Api {
  value(dimension: number): number
  coord(at: [number, number]): [number, number]
}

/** Whiskers: data are `[category, low, high]`. */
const whiskers = (data: number[][]): object => ({
  type: 'custom',
  ...still,
  z: 5,
  data,
  encode: { x: [1, 2], y: 0 },
  renderItem: (_: unknown, api: Api) => {
    const [from, to] = [1, 2].map((end) => api.coord([api.value(end), api.value(0)]))
    const [x1 = 0, y = 0] = from ?? []
    const [x2 = 0] = to ?? []
    const style = { stroke: 'var(--text)', lineWidth: 1.5, fill: 'none' }
    const stroke = (a: number, b: number, c: number, d: number): object => ({
      type: 'line',
      shape: { x1: a, y1: b, x2: c, y2: d },
      style,
    })
    return {
      type: 'group',
      children: [stroke(x1, y, x2, y), stroke(x1, y - 4, x1, y + 4), stroke(x2, y - 4, x2, y + 4)],
    }
  },
})

const bar = (value: number, colour: string): object => ({ value, itemStyle: { color: `var(--${colour})` } })

const colourOf = (outcome: string): string =>
  outcome === 'allowed' ? 'good-bar' : outcome === 'control' ? 'quiet-bar' : 'unsure-bar'

/** Cost of every category with its interval; the control lane first. */
export function costChart({ categories, control }: LoadCost, narrow: boolean): Chart {
  const rows = [
    ...(control === undefined ? [] : [{ id: 'no mTLS', outcome: 'control', server: control }]),
    ...categories.flatMap(({ id, outcome, server }) =>
      server === undefined ? [] : [{ id, outcome, server }],
    ),
  ]
  return {
    height: 60 + rows.length * 26,
    option: {
      grid: { left: names(narrow), right: 16, top: 6, bottom: 44 },
      xAxis: valueAxis('server CPU per attempt, µs', narrow),
      yAxis: nameAxis(
        rows.map(({ id }) => id),
        narrow ? 16 : 30,
      ),
      series: [
        {
          type: 'bar',
          ...still,
          barWidth: 14,
          data: rows.map(({ server, outcome }) => bar(server.estimate, colourOf(outcome))),
        },
        whiskers(rows.map(({ server }, at) => [at, server.low, server.high])),
      ],
    },
  }
}

/** What each step adds, from no mTLS onwards. A step begins where its own first lane ends, so branches stand beside each other. */
export function waterfallChart(
  { control, categories }: LoadCost,
  steps: readonly LoadWaterfallStep[],
  narrow: boolean,
): Chart {
  const costOf = (id: string): number =>
    (id === 'control' ? control : categories.find((one) => one.id === id)?.server)?.estimate ?? 0
  const rows = [
    { label: 'no mTLS', from: 0, to: control?.estimate ?? 0, colour: 'quiet-bar' },
    ...steps.map(({ label, from, adds }) => ({
      label,
      from: costOf(from),
      to: costOf(from) + adds.estimate,
      colour: adds.estimate < 0 ? 'good-bar' : 'warn-bar',
    })),
  ]
  return {
    height: 60 + rows.length * 28,
    option: {
      grid: { left: narrow ? 130 : 290, right: 16, top: 6, bottom: 44 },
      xAxis: valueAxis('server CPU per attempt, µs', narrow),
      yAxis: nameAxis(
        rows.map(({ label }) => label),
        narrow ? 18 : 44,
      ),
      series: [
        {
          type: 'bar',
          ...still,
          stack: 'all',
          data: rows.map(({ from, to }) => ({ value: Math.min(from, to), itemStyle: { color: 'none' } })),
        },
        {
          type: 'bar',
          ...still,
          stack: 'all',
          barWidth: 15,
          data: rows.map(({ from, to, colour }) => bar(Math.abs(to - from), colour)),
        },
      ],
    },
  }
}

const mark = (at: number, text: string): object => ({
  silent: true,
  symbol: 'none',
  data: [{ yAxis: at }],
  lineStyle: { color: 'var(--bad-bar)', type: 'dashed', width: 1.5 },
  label: { ...textStyle, color: 'var(--bad)', formatter: text, position: 'insideStartTop' },
})

const stepColours: Readonly<Record<string, string>> = {
  holds: 'good-bar',
  breaks: 'bad-bar',
  'generator-limited': 'quiet-bar',
  unsteady: 'warn-bar',
}

const plain = { trigger: 'none' }
const latencyAxis = {
  type: 'log',
  name: '99th percentile, ms',
  nameLocation: 'middle',
  nameGap: 40,
  ...axisText,
  axisLabel: { ...textStyle, formatter: (value: number) => String(Number(value.toPrecision(3))) },
}

/** Latency of each step by its rate, and the objective. */
export function capacityChart({ result }: LoadCapacity, narrow: boolean): Chart {
  const steps = result.steps.filter(({ p99Ms }) => p99Ms !== undefined && p99Ms > 0)
  const points = steps.map(({ rate, p99Ms, verdict }) => ({
    value: [rate, p99Ms],
    itemStyle: {
      color: `var(--${(Object.hasOwn(stepColours, verdict) ? stepColours[verdict] : undefined) ?? 'quiet-bar'})`,
    },
  }))
  return {
    height: 300,
    option: {
      tooltip: plain,
      grid: { left: 58, right: 22, top: 18, bottom: 44 },
      xAxis: valueAxis('valid attempts per second', narrow),
      yAxis: latencyAxis,
      series: [
        {
          type: 'line',
          ...still,
          data: points.toSorted((a, b) => (a.value[0] ?? 0) - (b.value[0] ?? 0)),
          lineStyle: { color: 'var(--quiet-bar)', width: 1.5 },
          itemStyle: { color: 'var(--quiet-bar)' },
          symbol: 'circle',
          symbolSize: 10,
          markLine: mark(result.objective.p99Ms, `objective ${result.objective.p99Ms} ms`),
        },
      ],
    },
  }
}

/** Cores that the server used at each rate, beside what its costs predict. */
export function modelChart(model: NonNullable<LoadCapacity['model']>, narrow: boolean): Chart {
  const rows = model.toSorted((a, b) => a.rate - b.rate)
  const curve = (
    name: string,
    colour: string,
    of: (row: (typeof rows)[number]) => number,
    dashed: boolean,
  ) => ({
    name,
    type: 'line',
    ...still,
    data: rows.map((row) => [row.rate, of(row)]),
    symbol: dashed ? 'none' : 'circle',
    symbolSize: 9,
    lineStyle: { color: `var(--${colour})`, width: 2, type: dashed ? 'dashed' : 'solid' },
    itemStyle: { color: `var(--${colour})` },
  })
  return {
    height: 260,
    option: {
      legend: { textStyle, top: 0, left: 0, itemGap: 16 },
      grid: { left: 58, right: 22, top: 40, bottom: 44 },
      xAxis: valueAxis('valid attempts per second', narrow),
      yAxis: { ...valueAxis('server, cores', narrow), nameGap: 40 },
      series: [
        curve('measured', 'good-bar', ({ measured }) => measured, false),
        curve('predicted', 'unsure-bar', ({ predicted }) => predicted.estimate, true),
      ],
    },
  }
}

/** Latency of valid users by the rate of the flood. */
export function floodChart({ steps, objective }: LoadFlood, narrow: boolean): Chart {
  const points = steps.flatMap(({ delivered, victims, holds }) =>
    p99Of(victims) === notMeasurable || p99Of(victims) === 0
      ? []
      : [
          {
            value: [delivered, p99Of(victims)],
            itemStyle: {
              color: `var(--${holds === true ? 'good-bar' : holds === false ? 'bad-bar' : 'quiet-bar'})`,
            },
          },
        ],
  )
  return {
    height: 300,
    option: {
      grid: { left: 58, right: 22, top: 18, bottom: 44 },
      xAxis: valueAxis('invalid attempts per second', narrow),
      yAxis: { ...latencyAxis, name: narrow ? 'p99, ms' : '99th percentile of valid users, ms' },
      series: [
        {
          type: 'line',
          ...still,
          data: points,
          lineStyle: { color: 'var(--quiet-bar)', width: 1.5 },
          itemStyle: { color: 'var(--quiet-bar)' },
          symbol: 'circle',
          symbolSize: 10,
          markLine: mark(objective.p99, `objective ${objective.p99} ms`),
        },
      ],
    },
  }
}

/** The chart of costs in words. */
export const costWords = ({ categories, control }: LoadCost): string =>
  [
    ...(control === undefined ? [] : [`no mTLS ${usec(control.estimate)}`]),
    ...categories.flatMap(({ id, server, outcome }) =>
      server === undefined ? [] : [`${id} ${usec(server.estimate)}, ${outcomeWord(outcome)}`],
    ),
  ].join('; ')

/** The chart of a flood in words. */
export const floodWords = ({ steps }: LoadFlood): string =>
  steps
    .map((step) => `${floodRate(step)} ${measured(p99Of(step.victims), (p99) => `${fixed(p99, 1)} ms`)}`)
    .join('; ')
