/**
 * Sections of the load page: what was found, whether it can be trusted, how clients ended, plan, method.
 * @module
 */
import { type Html, html } from '../html/escape.ts'
import { row } from '../html/parts.ts'
import { duration, plural } from '../text.ts'
import { groupBy } from '../wording.ts'
import {
  type LoadPlanAnswer,
  type LoadPromise,
  type LoadProof,
  type LoadReport,
  type LoadTraffic,
  type Measured,
  notMeasurable,
} from './types.ts'
import { loadFindings, reservations } from './verdict.ts'
import { costName, fixed, outcomeOf, outcomeWord, percent, range, tlsName, usec } from './words.ts'

/** A section with its heading; nothing where it has no content. */
export const section = (id: string, title: string, content: Html | undefined): Html | undefined =>
  content === undefined
    ? undefined
    : html`<section aria-labelledby="${id}"><h2 id="${id}">${title}</h2>${content}</section>`

/** Bad certificates that were let in, with what to do. */
export function findingsPart(report: LoadReport): Html | undefined {
  const found = loadFindings(report)
  if (found.length === 0) return undefined
  return html`${found.map(
    ({ title, text, fix }) =>
      html`<article class="card finding bad"><header><span class="pill bad">finding</span><h3>${title}</h3></header><p>${text}</p><p>${fix}</p></article>`,
  )}`
}

/** Advice by rule, with the servers it is for. */
export function advicePart({ advice }: LoadReport): Html | undefined {
  if (advice.length === 0) return undefined
  return html`${groupBy(advice, ({ id }) => id).map(
    ([, own]) =>
      html`<article class="card finding warn"><ul class="plain">${own.map(({ target, text }) => html`<li><strong>${target}</strong>: ${text}.</li>`)}</ul><p class="small muted">Rests on: ${own[0]?.ground}.</p></article>`,
  )}`
}

/** Can it be trusted: reservations, self checks, circumstances. */
export function validityPart(report: LoadReport): Html {
  const doubts = reservations(report)
  const { costs } = report
  return html`<div class="card">${
    doubts.length === 0
      ? html`<p>No reason is known to doubt the figures.</p>`
      : html`<ul class="plain">${doubts.map((text) => html`<li>${text}</li>`)}</ul>`
  }</div>${
    costs.length === 0
      ? undefined
      : html`<div class="card scroll"><table class="small"><thead><tr><th scope="col">Server</th><th scope="col">Ended</th><th scope="col" class="num">Rounds</th><th scope="col" class="num">Void blocks</th><th scope="col">A/A difference</th><th scope="col">Mix against prediction</th><th scope="col">Drift</th></tr></thead><tbody>${costs.map(
          (cost) => {
            const { aa, mix, validity, ended, method } = cost
            const check = (one: typeof aa): string =>
              one === undefined
                ? 'not measured'
                : `${percent(one.difference.estimate)} (${range(one.difference, percent)}), ${one.passed ? 'within' : 'beyond'} ${percent(one.limit)}`
            return html`<tr><th scope="row">${costName(cost)}</th><td>${ended}</td><td class="num">${method.rounds}</td><td class="num">${validity.voidBlocks} of ${validity.blocks}</td><td>${check(aa)}</td><td>${check(mix)}</td><td>${validity.drift === undefined ? 'not measured' : percent(validity.drift)}</td></tr>`
          },
        )}</tbody></table></div>`
  }`
}

/** How every kind of client ended on every server. */
export function outcomesPart({ costs, floods }: LoadReport): Html | undefined {
  if (costs.length === 0 && floods.length === 0) return undefined
  const ids = [...new Set(costs.flatMap(({ categories }) => categories.map(({ id }) => id)))]
  const cell = (cost: (typeof costs)[number], id: string): Html => {
    const category = cost.categories.find((one) => one.id === id)
    if (category === undefined) return html`<td class="muted">not tried</td>`
    const wrong = category.expect === 'refused' && category.outcome === 'allowed'
    const tone = wrong ? 'bad' : category.outcome === 'allowed' ? 'good' : 'quiet'
    return html`<td><span class="pill ${tone}">${outcomeOf(category)}</span>${category.sent === false ? html` <span class="small muted">certificate not sent</span>` : undefined}</td>`
  }
  return html`${
    ids.length === 0
      ? undefined
      : html`<div class="card scroll"><table class="small"><thead><tr><th scope="col">Client</th>${costs.map((cost) => html`<th scope="col">${costName(cost)}</th>`)}</tr></thead><tbody>${ids.map(
          (id) => html`<tr><th scope="row">${id}</th>${costs.map((cost) => cell(cost, id))}</tr>`,
        )}</tbody></table></div>`
  }${floods.map(
    (flood) =>
      html`<div class="card scroll"><table class="small"><caption>${flood.target} <span class="muted">· ${tlsName(flood.preflight.tlsVersion)}, refuses by: ${outcomeWord(flood.preflight.style)}</span></caption><thead><tr><th scope="col">Client</th><th scope="col">Ended</th><th scope="col">Certificate on the wire</th><th scope="col">The server itself saw</th><th scope="col">Usable</th></tr></thead><tbody>${flood.lanes.map(
        ({ id, profile, numbers, proof, serverSaw, void: reasons }) =>
          html`<tr><th scope="row">${id}</th><td>${endedWords(numbers.attempts.byKind)}</td><td>${proofWords(proof)}</td><td>${sawWords(profile, serverSaw)}</td><td>${reasons.length === 0 ? html`<span class="pill good">yes</span>` : html`<span class="pill bad">void</span> ${reasons.join('; ')}`}</td></tr>`,
      )}</tbody></table></div>`,
  )}`
}

function proofWords(proof: LoadProof | undefined): string {
  if (proof === undefined) return 'not looked at'
  const { sent, empty, connections, by } = proof
  return sent === 0 && empty > 0
    ? `none, an empty list on ${empty} of ${connections} (${by})`
    : `on ${sent} of ${connections} (${by})`
}

/** What is said of every kind of client before any load, by server: rows of a table. */
export function sentRows({ floods, proofs }: LoadReport): {
  target: string
  counted: string
  rows: { profile: string; ended: string; wire: string; saw: string; shown: boolean; why: string }[]
}[] {
  return [...floods, ...proofs].map(({ target, preflight }) => ({
    target,
    counted: preflight.counted ?? 'the server was not asked',
    rows: preflight.profiles.map(({ profile, outcomes, proof, serverSaw, void: reasons }) => ({
      profile,
      ended: endedWords(outcomes.byKind),
      wire: proofWords(proof),
      saw: `${sawWords(profile, serverSaw)}${serverSaw === notMeasurable ? '' : ` in ${plural(outcomes.total, 'attempt')}`}`,
      shown: reasons.length === 0,
      why: reasons.join('; '),
    })),
  }))
}

const sawWords = (profile: string, saw: Measured): string =>
  saw === notMeasurable && profile === 'none' ? 'there is none' : String(saw)

const endedWords = (byKind: Readonly<Record<string, number>>): string =>
  Object.entries(byKind)
    .map(([kind, count]) => `${count} ${outcomeWord(kind)}`)
    .join(', ') || 'no attempt'

/** First attempts of every kind of client: decrypted on the wire, and counted by the server. */
export function sentPart(report: LoadReport): Html | undefined {
  const servers = sentRows(report)
  if (servers.length === 0) return undefined
  return html`<p class="small muted">Some attempts of every kind of client by k6, before any load, decrypted. A server’s own count is the only proof that it read a certificate.</p>${servers.map(
    ({ target, counted, rows }) =>
      html`<div class="card scroll"><table class="small"><caption>${target} <span class="muted">· counted: ${counted}</span></caption><thead><tr><th scope="col">Client</th><th scope="col">Ended</th><th scope="col">Certificate on the wire</th><th scope="col">The server itself saw</th><th scope="col">Shown</th></tr></thead><tbody>${rows.map(
        ({ profile, ended, wire, saw, shown, why }) =>
          html`<tr><th scope="row">${profile}</th><td>${ended}</td><td>${wire}</td><td>${saw}</td><td>${shown ? html`<span class="pill good">yes</span>` : html`<span class="pill bad">no</span> ${why}`}</td></tr>`,
      )}</tbody></table></div>`,
  )}`
}

const coreWord = (cores: number | undefined): string =>
  cores === undefined ? 'no number is enough' : plural(cores, 'core')

/** A question to the planner and its answer, in words. */
export function planWords(answer: LoadPlanAnswer): { question: string; answer: string; notes: string } {
  if (answer.question === 'cores') {
    const { estimate, low, high } = answer.cores
    return {
      question: `${[...trafficWords(answer.traffic), ...promiseWords(answer)].join(', ')}: how many cores?`,
      answer: `${coreWord(estimate)} (${coreWord(low)} to ${coreWord(high)}); demand ${fixed(answer.demand.estimate, 2)} cores`,
      notes: answer.notes.join('; '),
    }
  }
  const beside = trafficWords(answer.beside)
  return {
    question: `how much "${answer.of}" can ${plural(answer.cores, 'core')} take${beside.length === 0 ? '' : ` beside ${beside.join()}`}, ${promiseWords(answer).join(', ')}?`,
    answer: `${fixed(answer.rate.estimate, 0)}/s (${range(answer.rate, (value) => fixed(value, 0))})`,
    notes: answer.notes.join('; '),
  }
}

/** Traffic, in one phrase; none of it is none. */
function trafficWords({ valid, invalid }: LoadTraffic): string[] {
  const parts = [
    ...(valid > 0 ? [`${fixed(valid, 0)}/s valid`] : []),
    ...Object.entries(invalid)
      .filter(([, rate]) => rate > 0)
      .map(([id, rate]) => `${fixed(rate, 0)}/s "${id}"`),
  ]
  return parts.length === 0 ? [] : [parts.join(' and ')]
}

/** What else the answer has to keep. */
const promiseWords = ({ headroom, slo }: LoadPromise): string[] => [
  ...(slo === undefined
    ? []
    : [
        `99 % within ${slo.p99Ms} ms${slo.baseMs === undefined ? '' : `, of which ${slo.baseMs} ms are not the server’s`}`,
      ]),
  `${percent(headroom)} of the cores free`,
]

/** The planner's table. */
export function planPart({ plans }: LoadReport): Html | undefined {
  if (plans.length === 0) return undefined
  return html`<div class="card scroll"><p class="small muted">Computed from the costs above, not measured: busy cores are the sum of rate times cost. Other questions: <code>harness plan</code>.</p><table class="small"><thead><tr><th scope="col">Server</th><th scope="col">Traffic</th><th scope="col">Answer (with the ends of the intervals)</th></tr></thead><tbody>${plans.map(
    ({ target, answer }) => {
      const words = planWords(answer)
      return html`<tr><th scope="row">${target}</th><td>${words.question}</td><td><strong>${words.answer}</strong>${words.notes === '' ? undefined : html`<span class="block small muted">${words.notes}</span>`}</td></tr>`
    },
  )}</tbody></table></div>`
}

/** How it was measured, by whom, on what. */
export function methodPart(report: LoadReport): Html {
  const { machine, costs, capacities, floods } = report
  return html`<div class="card"><dl>${[
    row(
      'Machine',
      `${plural(machine.cores, 'core')}, ${machine.model}, ${machine.system}, Node ${machine.node}`,
    ),
    row('Time', duration(report.durationMs)),
    row(
      'Costs',
      costs.length === 0
        ? undefined
        : 'Blocks of fixed work, one per kind of client, in a fresh random order each round, with a lane without mTLS, a second lane of valid clients and a mix in every round. The server’s CPU is read before and after each block and what it uses when idle is taken off. Intervals: 95 %, bootstrap over blocks. The first round is not counted. Nothing is resumed or reused.',
    ),
    ...costs.map((cost) =>
      row(
        costName(cost),
        `${cost.method.attemptsPerBlock} attempts per block, ${cost.method.concurrency} at a time, ${cost.method.rounds} rounds, seed ${cost.method.seed}; CPU: ${cost.method.cpu.kind} (${cost.method.cpu.describe}), resolution ${usec(cost.method.cpu.resolutionUsec)}; generator: ${cost.method.generator}; idle ${usec(cost.validity.idleUsecPerSecond)} per second`,
      ),
    ),
    ...capacities.map(({ target, result }) =>
      row(
        target,
        `Attempts begin when they are due, whatever became of the others; latency counts from then. ${plural(result.steps.length, 'step')}, tolerance ${percent(result.tolerance)}; generator: ${result.driver}`,
      ),
    ),
    ...floods.map(({ target, k6, generator, victimRate }) =>
      row(
        target,
        `k6 ${k6}, one process per identity; ${victimRate} valid attempts per second beside the flood; the generator used ${typeof generator.coresUsed === 'number' ? fixed(generator.coresUsed, 2) : generator.coresUsed} of ${generator.cores} cores`,
      ),
    ),
    row(
      'What it does not say',
      'CPU of other machines, other versions or other configurations. Loopback: no network is in it.',
    ),
  ]}</dl></div>`
}
