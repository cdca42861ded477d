/**
 * Sections of what was measured: costs, waterfall, capacity, flood.
 * @module
 */
import { type Html, html } from '../html/escape.ts'
import {
  capacityChart,
  costChart,
  costWords,
  floodChart,
  floodWords,
  modelChart,
  waterfallChart,
} from './charts.ts'
import { figure } from './svg.ts'
import { type Interval, type LoadCategory, type LoadCost, type LoadReport, notMeasurable } from './types.ts'
import {
  costName,
  fixed,
  floodRate,
  kneeSentence,
  measured,
  outcomeOf,
  p99Of,
  percent,
  range,
  usec,
} from './words.ts'

const cell = (value: Interval | undefined, write: (value: number) => string): Html =>
  value === undefined
    ? html`<td class="num">not measured</td>`
    : html`<td class="num"><span class="figure">${write(value.estimate)}</span><span class="block small muted">${range(value, write)}</span></td>`

const times = (value: number): string => `${fixed(value, 2)} ×`

/** Table and chart of the costs of every server. */
export function costsPart({ costs }: LoadReport): Html | undefined {
  const with_ = costs.filter(({ categories }) => categories.some(({ server }) => server !== undefined))
  if (with_.length === 0) return undefined
  return html`${with_.map((cost) => costCard(cost))}`
}

function costCard(cost: LoadCost): Html {
  const name = costName(cost)
  return html`<div class="card part"><h3>${name}</h3>${figure(
    `Server CPU per attempt on ${name}: ${costWords(cost)}`,
    'Server CPU per attempt with its 95 % interval. Green: let in. Violet: refused. Grey: without mTLS.',
    (narrow) => costChart(cost, narrow),
  )}<div class="scroll"><table class="small"><thead><tr><th scope="col">Client</th><th scope="col">Ended</th><th scope="col" class="num">Server CPU</th><th scope="col" class="num">Verification</th><th scope="col" class="num">Displaces valid</th><th scope="col" class="num">Server by client</th></tr></thead><tbody>${
    cost.control === undefined
      ? cost.controlNotMeasured === undefined
        ? undefined
        : html`<tr><th scope="row">no mTLS</th><td colspan="5" class="muted">not measured: ${cost.controlNotMeasured}</td></tr>`
      : html`<tr><th scope="row">no mTLS <span class="block muted">the same server, asking for nothing</span></th><td>let in</td>${cell(cost.control, usec)}<td></td><td></td><td></td></tr>`
  }${cost.categories.map((category) => costRow(category, category.id === cost.valid))}</tbody></table></div></div>`
}

function costRow(category: LoadCategory, isValid: boolean): Html {
  const { id, title, server, notMeasured, verification, displacement, asymmetry } = category
  const head = html`<th scope="row">${id}${title === undefined ? undefined : html`<span class="block muted">${title}</span>`}</th><td>${outcomeOf(category)}</td>`
  if (server === undefined)
    return html`<tr>${head}<td colspan="4" class="muted">not measured: ${notMeasured ?? 'no block counts'}</td></tr>`
  return html`<tr>${head}${cell(server, usec)}${cell(verification, usec)}${isValid ? html`<td class="num">1 ×</td>` : cell(displacement, times)}${cell(asymmetry, times)}</tr>`
}

/** What verification is made of. */
export function waterfallPart({ costs }: LoadReport): Html | undefined {
  const with_ = costs.filter(({ waterfall, control }) => waterfall.length > 0 && control !== undefined)
  if (with_.length === 0) return undefined
  return html`${with_.map((cost) => {
    const { waterfall } = cost
    const name = costName(cost)
    return html`<div class="card part"><h3>${name}</h3>${figure(
      `What verification adds on ${name}: ${waterfall.map(({ label, adds }) => `${label} ${usec(adds.estimate)}`).join('; ')}`,
      'Each step begins where the lane it is compared with ends. Green: the server stops earlier and saves work.',
      (narrow) => waterfallChart(cost, waterfall, narrow),
    )}<div class="scroll"><table class="small"><thead><tr><th scope="col">Step</th><th scope="col" class="num">Adds</th><th scope="col">Why</th></tr></thead><tbody>${waterfall.map(
      ({ label, from, to, adds, ground }) =>
        html`<tr><th scope="row">${label}<span class="block muted">${from} → ${to}</span></th>${cell(adds, usec)}<td>${ground}</td></tr>`,
    )}</tbody></table></div></div>`
  })}`
}

/** Highest rate that holds, and the model beside it. */
export function capacityPart({ capacities }: LoadReport): Html | undefined {
  if (capacities.length === 0) return undefined
  return html`${capacities.map((capacity) => {
    const { result, model = [], target } = capacity
    return html`<div class="card part"><h3>${target}</h3><p>${kneeSentence(capacity)}.</p>${
      result.steps.length === 0
        ? undefined
        : html`${figure(
            `99th percentile by rate: ${result.steps.map(({ rate, p99Ms, verdict }) => `${fixed(rate, 0)}/s ${p99Ms === undefined ? notMeasurable : `${fixed(p99Ms, 1)} ms`} ${verdict}`).join('; ')}`,
            'Each point is a step. Green: the objective held. Red: it broke. Grey and yellow: nothing is known.',
            (narrow) => capacityChart(capacity, narrow),
          )}<div class="scroll"><table class="small"><thead><tr><th scope="col" class="num">Rate</th><th scope="col" class="num">Achieved</th><th scope="col" class="num">p50</th><th scope="col" class="num">p99</th><th scope="col" class="num">Server</th><th scope="col" class="num">Generator</th><th scope="col">Verdict</th></tr></thead><tbody>${result.steps.map(
            (step) =>
              html`<tr><th scope="row" class="num">${fixed(step.rate, 1)}/s</th><td class="num">${step.offered === 0 ? notMeasurable : percent(step.achieved / step.offered)}</td><td class="num">${ms(step.p50Ms)}</td><td class="num">${ms(step.p99Ms)}</td><td class="num">${cores(step.serverBusy)}</td><td class="num">${cores(step.clientBusy)}</td><td>${step.verdict}<span class="block muted">${step.reason}</span></td></tr>`,
          )}</tbody></table></div>`
    }${
      model.length < 2
        ? undefined
        : figure(
            `Cores by rate, measured and predicted: ${model.map(({ rate, measured: seen, predicted }) => `${fixed(rate, 0)}/s ${fixed(seen, 2)} of ${fixed(predicted.estimate, 2)}`).join('; ')}`,
            'Cores the server kept busy, beside what its costs predict. Far below the knee an attempt costs more than in a busy server: judge by the right end.',
            (narrow) => modelChart(model, narrow),
          )
    }</div>`
  })}`
}

const ms = (value: number | undefined): string =>
  value === undefined ? notMeasurable : `${fixed(value, 1)} ms`
const cores = (value: number | undefined): string =>
  value === undefined ? notMeasurable : `${fixed(value, 2)} cores`

/** Valid users beside a flood. */
export function floodPart({ floods }: LoadReport): Html | undefined {
  if (floods.length === 0) return undefined
  return html`${floods.map((flood) => {
    const { target, steps, profiles, brokenAt, heldAt, objective } = flood
    const promise = `p99 of ${objective.p99} ms for ${percent(objective.accepted)} of valid users`
    return html`<div class="card part"><h3>${target}</h3><p>${profiles.length === 0 ? 'There was no flood' : `Flood of ${profiles.join(', ')}`}. ${
      brokenAt === undefined
        ? `The promise (${promise}) was not seen to break${heldAt === undefined ? '' : `: it held at ${heldAt}/s, the highest rate that shows it`}.`
        : brokenAt === 0
          ? `The promise (${promise}) was broken before there was a flood.`
          : `The promise (${promise}) broke at ${brokenAt} invalid attempts per second${heldAt === undefined ? '' : `; at ${heldAt}/s it held`}.`
    }</p>${
      steps.length === 0
        ? undefined
        : html`${figure(
            `99th percentile of valid users by the rate of the flood: ${floodWords(flood)}`,
            'Each point is a step of the flood. Green: valid users got what they are promised. Red: they did not.',
            (narrow) => floodChart(flood, narrow),
          )}<div class="scroll"><table class="small"><thead><tr><th scope="col" class="num">Flood</th><th scope="col" class="num">Valid begun</th><th scope="col" class="num">p50</th><th scope="col" class="num">p99</th><th scope="col">Valid users</th></tr></thead><tbody>${steps.map(
            ({ victims, holds, why, ...step }) =>
              html`<tr><th scope="row" class="num">${floodRate(step)}</th><td class="num">${fixed(victims.achieved, 1)}/s</td><td class="num">${measured(victims.acceptedLatency, ({ p50 }) => `${fixed(p50, 1)} ms`)}</td><td class="num">${measured(p99Of(victims), (p99) => `${fixed(p99, 1)} ms`)}</td><td>${holds === true ? html`<span class="pill good">held</span>` : holds === false ? html`<span class="pill bad">broke</span>` : html`<span class="pill unsure">not known</span>`} ${why}</td></tr>`,
          )}</tbody></table></div>`
    }</div>`
  })}`
}
