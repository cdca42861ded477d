/**
 * What several scenarios set up in a zone, each with its undoing.
 * @module
 */
import Cloudflare from 'cloudflare'
import type { ScenarioContext } from './context.ts'
import { idOf } from './refused.ts'
import type { Undo } from './steps.ts'

const phase = 'http_request_firewall_custom'

/** A block rule. */
export interface BlockRule {
  description: string
  expression: string
  enabled?: boolean
  /** Default: the edge's own page. */
  response?: { status_code: number; content_type: string; content: string }
}

/**
 * Has the edge ask for client certificates on a hostname, beside those it asks on already: PUT replaces the list.
 * @param ca id of an uploaded CA; default: the managed one.
 */
export async function associate(
  { sdk }: ScenarioContext,
  zone: { zone_id: string },
  hostname: string,
  undo: Undo,
  ca?: string,
): Promise<void> {
  const { hostnameAssociations } = sdk.certificateAuthorities
  const of = { ...zone, ...(ca === undefined ? {} : { mtls_certificate_id: ca }) }
  const others = async (): Promise<string[]> => {
    const { hostnames = [] } = await hostnameAssociations.get(of)
    return hostnames.filter((name) => name !== hostname)
  }
  undo(async () => hostnameAssociations.update({ ...of, hostnames: await others() }))
  await hostnameAssociations.update({ ...of, hostnames: [...(await others()), hostname] })
}

/** Adds a WAF custom rule behind those that are there; gives the way to change it. */
export async function addBlockRule(
  { sdk }: ScenarioContext,
  zone: { zone_id: string },
  rule: BlockRule,
  undo: Undo,
): Promise<{ change(to: BlockRule): Promise<void> }> {
  const ruleset = await entrypoint(sdk, zone, undo)
  const known = new Set((ruleset.rules ?? []).map(({ id }) => id))
  const id = idOf(ruleset)
  const after = (await sdk.rulesets.rules.create(id, { ...zone, ...bodyOf(rule) })) as Entrypoint
  const ruleId = idOf(after.rules?.find((one) => !known.has(one.id)) ?? {})
  undo(() => sdk.rulesets.rules.delete(ruleId, { ...zone, ruleset_id: id }))
  return {
    async change(to) {
      await sdk.rulesets.rules.edit(ruleId, { ...zone, ruleset_id: id, ...bodyOf(to) })
    },
  }
}

const bodyOf = ({ description, expression, enabled = true, response }: BlockRule) => ({
  action: 'block' as const,
  description,
  expression,
  enabled,
  ...(response === undefined ? {} : { action_parameters: { response } }),
})

/** What is looked at of an answer; the SDK's own types differ by call, and some are `unknown`. */
interface Entrypoint {
  id: string
  rules?: readonly { id?: string }[]
}

/** The ruleset of the phase; a zone without rules has none yet. */
async function entrypoint(sdk: Cloudflare, zone: { zone_id: string }, undo: Undo): Promise<Entrypoint> {
  try {
    return (await sdk.rulesets.phases.get(phase, zone)) as Entrypoint
  } catch (error) {
    if (!(error instanceof Cloudflare.NotFoundError)) throw error
    const made = (await sdk.rulesets.phases.update(phase, { ...zone, rules: [] })) as Entrypoint
    undo(() => sdk.rulesets.delete(made.id, zone))
    return made
  }
}
