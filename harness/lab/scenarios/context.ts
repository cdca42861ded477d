/**
 * What a scenario works with, made from `lab.json` alone: the official SDK for the operator, a visitor for everybody else.
 * @module
 */
import { readFile } from 'node:fs/promises'
import Cloudflare from 'cloudflare'
import { type Browser, createBrowser } from './browser.ts'
import { type CanarySeen, canaryPathOf, withCanary } from './canary.ts'
import { exchange, type Seen, type Sent } from './http.ts'
import { createLabApi, type LabApi } from './lab-api.ts'
import { type LabFile, readLabFile } from './lab-file.ts'
import { createSteps, type Step, type Steps } from './steps.ts'

/** Everything a scenario may use. */
export interface ScenarioContext {
  lab: LabFile
  /** The operator: official SDK, with the edit token. */
  sdk: Cloudflare
  api: LabApi
  account: { account_id: string }
  /** `zone_id` for the SDK, by zone name. */
  zone(name: string): { zone_id: string }
  /** One request to the edge, on a connection of its own: SNI and Host are `hostname`. */
  visit(hostname: string, sent?: Sent): Promise<Seen>
  /** The same to the canary, which tells what the origin got. */
  visitCanary(hostname: string, sent?: Sent): Promise<CanarySeen>
  /** One request to an origin's TLS port, past the edge. */
  visitOrigin(name: string, hostname: string, sent?: Sent): Promise<Seen>
  /** A browser with no cookies yet. */
  browser(): Browser
  /** Steps of one run. */
  steps(): Steps
}

/** Reads `lab.json`. @throws HarnessError ERR_USAGE when it is not there or of no whole lab. */
export async function scenarioContext(
  labFile: string,
  onStep?: (step: Step) => void,
): Promise<ScenarioContext> {
  const lab = await readLabFile(labFile)
  const { api, edge } = lab
  const ca = await readFile(edge.ca, 'utf8')
  const visit: ScenarioContext['visit'] = (hostname, sent = {}) => {
    const { host, port } = edge
    return exchange({ tls: true, host, port, servername: hostname, ca, headers: { host: hostname } }, sent)
  }
  return {
    lab,
    sdk: new Cloudflare({
      baseURL: api.baseURL,
      apiToken: api.token,
      // Explicit, because the SDK would otherwise take them from the environment.
      apiKey: null,
      apiEmail: null,
      userServiceKey: null,
      // Refusals are steps of scenarios, retries would only slow them down.
      maxRetries: 0,
    }),
    api: createLabApi(lab),
    account: { account_id: api.accountId },
    zone(name) {
      const id = Object.hasOwn(api.zones, name) ? api.zones[name] : undefined
      if (id === undefined) throw new Error(`the lab has no zone ${name}`)
      return { zone_id: id }
    },
    visit,
    async visitCanary(hostname, sent = {}) {
      return withCanary(await visit(hostname, { ...sent, path: canaryPathOf(lab, hostname) }))
    },
    visitOrigin(name, hostname, sent = {}) {
      const origin = lab.origins[name]
      if (origin === undefined) throw new Error(`the lab has no origin "${name}"`)
      const { host, tlsPort: port } = origin
      // Nobody outside knows the origin's CA; this visitor asks only whether it is let in.
      const options = { tls: true, host, port, servername: hostname, rejectUnauthorized: false }
      return exchange({ ...options, headers: { host: hostname } }, sent)
    },
    browser: () => createBrowser(visit),
    steps: () => createSteps(onStep),
  }
}
