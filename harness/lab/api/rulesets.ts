/**
 * Rulesets of a zone: the entry points of the phases the lab has.
 * @module
 */
import type { FastifyRequest } from 'fastify'
import { checkRule, isPhase, phaseActions, type RuleDefinition } from '../rules/check.ts'
import { isObject } from '../rules/check-expression.ts'
import { RuleRefusal, shown } from '../rules/refusal.ts'
import { newId } from '../state/ids.ts'
import type { Rule, Ruleset, RulesetPhase, ZoneState } from '../state/types.ts'
import { type ApiContext, type Routes, zoneIn } from './context.ts'
import { type Envelope, success } from './envelope.ts'
import { ApiError } from './errors.ts'
import { pathParameter, queryOf } from './query.ts'
import { placed } from './rule-position.ts'

/** Rules a ruleset may have. */
const maxRules = 1000

/** Adds them. */
export const rulesetRoutes: Routes = (app, context) => {
  const base = '/zones/:zone_id/rulesets'
  const entrypoint = `${base}/phases/:phase/entrypoint`
  const zoneOf = (request: FastifyRequest): ZoneState => zoneIn(context, pathParameter(request, 'zone_id'))

  app.get(entrypoint, (request) => {
    const zone = zoneOf(request)
    const phase = phaseIn(request)
    const ruleset = zone.rulesets[phase]
    if (ruleset === undefined)
      throw new ApiError(404, 10_003, `could not find entrypoint ruleset in the ${phase} phase`)
    return success(show(phase, ruleset))
  })

  app.put(entrypoint, (request) =>
    refusing(() => {
      const zone = zoneOf(request)
      const phase = phaseIn(request)
      return written(
        context,
        request,
        zone,
        phase,
        replaced(context, zone.rulesets[phase], phase, request.body),
      )
    }),
  )

  app.get(base, (request) => {
    const { rulesets } = zoneOf(request)
    const found = Object.entries(rulesets).map(([phase, ruleset]) => {
      const { rules: _, ...rest } = show(phase as RulesetPhase, ruleset)
      return rest
    })
    return success(found)
  })

  app.post(base, (request) =>
    refusing(() => {
      const zone = zoneOf(request)
      const { kind, phase } = bodyOf(request)
      if (kind !== 'zone')
        throw new RuleRefusal(`'${shown(kind)}' is not a valid value for kind: the lab has zone`)
      if (!isPhase(phase)) throw unknownPhase(phase)
      if (zone.rulesets[phase] !== undefined)
        throw new RuleRefusal(
          `'zone' is not a valid value for kind because exceeded maximum number of zone rulesets for phase ${phase}`,
          20_217,
        )
      return written(context, request, zone, phase, replaced(context, undefined, phase, request.body))
    }),
  )

  app.get(`${base}/:ruleset_id`, (request) => {
    const { phase, ruleset } = rulesetIn(zoneOf(request), request)
    return success(show(phase, ruleset))
  })

  app.put(`${base}/:ruleset_id`, (request) =>
    refusing(() => {
      const zone = zoneOf(request)
      const { phase, ruleset } = rulesetIn(zone, request)
      return written(context, request, zone, phase, replaced(context, ruleset, phase, request.body))
    }),
  )

  app.delete(`${base}/:ruleset_id`, (request, reply) => {
    const zone = zoneOf(request)
    const { phase } = rulesetIn(zone, request)
    if (!isDryRun(request)) {
      delete zone.rulesets[phase]
      context.store.changed()
    }
    return reply.code(204).send()
  })

  app.post(`${base}/:ruleset_id/rules`, (request) =>
    refusing(() => {
      const zone = zoneOf(request)
      const { phase, ruleset } = rulesetIn(zone, request)
      const { position } = bodyOf(request)
      const at = context.store.timestamp()
      const rule = freshRule(at, checkRule(phase, request.body))
      const rules = placed([...ruleset.rules, rule], rule.id, position)
      return written(context, request, zone, phase, next(at, ruleset, rules))
    }),
  )

  app.patch(`${base}/:ruleset_id/rules/:rule_id`, (request) =>
    refusing(() => {
      const zone = zoneOf(request)
      const { phase, ruleset } = rulesetIn(zone, request)
      const old = ruleIn(ruleset, request)
      const { position, ...definition } = bodyOf(request)
      const at = context.store.timestamp()
      const moved = position !== undefined && Object.keys(definition).length === 0
      const rule = moved ? old : changedRule(at, old, checkRule(phase, definition))
      const rules = ruleset.rules.map((one) => (one === old ? rule : one))
      return written(context, request, zone, phase, next(at, ruleset, placed(rules, rule.id, position)))
    }),
  )

  app.delete(`${base}/:ruleset_id/rules/:rule_id`, (request) =>
    refusing(() => {
      const zone = zoneOf(request)
      const { phase, ruleset } = rulesetIn(zone, request)
      const old = ruleIn(ruleset, request)
      const rules = ruleset.rules.filter((one) => one !== old)
      return written(context, request, zone, phase, next(context.store.timestamp(), ruleset, rules))
    }),
  )
}

/** Runs a handler; what is wrong with a rule is a 400. */
function refusing<Result>(handle: () => Result): Result {
  try {
    return handle()
  } catch (error) {
    if (error instanceof RuleRefusal) throw new ApiError(400, error.code, error.message)
    throw error
  }
}

const bodyOf = (request: FastifyRequest): Record<string, unknown> => {
  if (!isObject(request.body)) throw new RuleRefusal('the body has to be an object')
  return request.body
}

const isDryRun = (request: FastifyRequest): boolean => queryOf(request).get('dry_run') === 'true'

function phaseIn(request: FastifyRequest): RulesetPhase {
  const phase = pathParameter(request, 'phase')
  if (!isPhase(phase)) throw new ApiError(400, 20_000, unknownPhase(phase).message)
  return phase
}

const unknownPhase = (phase: unknown): RuleRefusal =>
  new RuleRefusal(
    `'${shown(phase)}' is not a valid value for phase: the lab has ${Object.keys(phaseActions).join(', ')}`,
  )

function rulesetIn(zone: ZoneState, request: FastifyRequest): { phase: RulesetPhase; ruleset: Ruleset } {
  const id = pathParameter(request, 'ruleset_id')
  for (const [phase, ruleset] of Object.entries(zone.rulesets))
    if (ruleset.id === id && isPhase(phase)) return { phase, ruleset }
  throw new ApiError(404, 10_003, `could not find ruleset '${shown(id)}'`)
}

function ruleIn({ rules }: Ruleset, request: FastifyRequest): Rule {
  const id = pathParameter(request, 'rule_id')
  const rule = rules.find((one) => one.id === id)
  if (rule === undefined) throw new ApiError(404, 10_003, `could not find rule '${shown(id)}'`)
  return rule
}

/** The ruleset a PUT or POST asks for: its rules replace all; one with a known id is that rule, changed or not. */
function replaced(
  { store }: ApiContext,
  old: Ruleset | undefined,
  phase: RulesetPhase,
  body: unknown,
): Ruleset {
  if (!isObject(body)) throw new RuleRefusal('the body has to be an object')
  const { rules: given = [], name = old?.name ?? 'default', description = old?.description ?? '' } = body
  if (!Array.isArray(given) || given.length > maxRules)
    throw new RuleRefusal(`'rules' has to be an array of at most ${maxRules} rules`)
  if (
    typeof name !== 'string' ||
    name === '' ||
    name.length > 200 ||
    typeof description !== 'string' ||
    description.length > 500
  )
    throw new RuleRefusal("'name' and 'description' have to be strings")
  // One moment for the ruleset and every rule it changes: the clock may move on between two looks at it.
  const at = store.timestamp()
  const rules = given.map((json: unknown) => {
    const definition = checkRule(phase, json)
    const known = isObject(json) ? old?.rules.find(({ id }) => id === json.id) : undefined
    return known === undefined ? freshRule(at, definition) : changedRule(at, known, definition)
  })
  const base = old ?? { id: newId(), name, description, version: 0, lastUpdated: '', rules: [] }
  return { ...next(at, base, rules), name: old?.name ?? name, description }
}

/** A new version with these rules. */
function next(at: string, ruleset: Ruleset, rules: Rule[]): Ruleset {
  if (rules.length > maxRules) throw new RuleRefusal(`a ruleset has at most ${maxRules} rules`)
  for (const name of ['id', 'ref'] as const) {
    const values = rules.map((rule) => rule[name])
    if (new Set(values).size < values.length) throw new RuleRefusal(`two rules have the same ${name}`)
  }
  return { ...ruleset, rules, version: ruleset.version + 1, lastUpdated: at }
}

function freshRule(at: string, definition: RuleDefinition): Rule {
  const id = newId()
  return withDefinition({ id, version: 1, lastUpdated: at }, definition, definition.ref ?? id)
}

/** The same rule, one version on; itself when nothing is different. */
function changedRule(at: string, old: Rule, definition: RuleDefinition): Rule {
  const { id, version, lastUpdated } = old
  const ref = definition.ref ?? old.ref
  const same = withDefinition({ id, version, lastUpdated }, definition, ref)
  if (JSON.stringify(same) === JSON.stringify(old)) return old
  return withDefinition({ id, version: version + 1, lastUpdated: at }, definition, ref)
}

function withDefinition(
  { id, version, lastUpdated }: Pick<Rule, 'id' | 'version' | 'lastUpdated'>,
  { description, expression, enabled, action, actionParameters }: RuleDefinition,
  ref: string,
): Rule {
  return {
    id,
    version,
    ref,
    description,
    expression,
    enabled,
    lastUpdated,
    action,
    ...(actionParameters === undefined ? {} : { actionParameters }),
  }
}

/** Stores it, unless the request only asks whether it could be. */
function written(
  { store }: ApiContext,
  request: FastifyRequest,
  zone: ZoneState,
  phase: RulesetPhase,
  ruleset: Ruleset,
): Envelope<object | null> {
  if (isDryRun(request)) return success(null)
  zone.rulesets[phase] = ruleset
  store.changed()
  return success(show(phase, ruleset))
}

function show(
  phase: RulesetPhase,
  { id, name, description, version, lastUpdated, rules }: Ruleset,
): { rules: object[] } {
  return {
    ...{ id, name, description, kind: 'zone', version: String(version), last_updated: lastUpdated, phase },
    rules: rules.map((rule) => ({
      ...{ id: rule.id, version: String(rule.version), action: rule.action, expression: rule.expression },
      ...(rule.actionParameters === undefined ? {} : { action_parameters: rule.actionParameters }),
      ...(rule.description === '' ? {} : { description: rule.description }),
      ...{ last_updated: rule.lastUpdated, ref: rule.ref, enabled: rule.enabled },
    })),
  }
}
