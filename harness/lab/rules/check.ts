/**
 * A rule as the API takes it: checked whole, so that the state holds only rules that work. What the lab does not have is
 * refused by name.
 * @module
 */
import type { BlockParameters, RewriteParameters, RulesetPhase } from '../state/types.ts'
import { checkCompiles, isObject } from './check-expression.ts'
import { checkRewrite } from './check-rewrite.ts'
import { compileCondition } from './compile.ts'
import { RuleRefusal, shown } from './refusal.ts'

/** What of a rule an operator decides. */
export interface RuleDefinition {
  action: 'block' | 'rewrite'
  expression: string
  enabled: boolean
  description: string
  /** Undefined: the rule's id. */
  ref: string | undefined
  actionParameters: BlockParameters | RewriteParameters | undefined
}

/** The action each phase has. */
export const phaseActions: Readonly<Record<RulesetPhase, RuleDefinition['action']>> = {
  http_request_firewall_custom: 'block',
  http_request_late_transform: 'rewrite',
}

/** The phase is one the lab has. */
export const isPhase = (phase: unknown): phase is RulesetPhase =>
  typeof phase === 'string' && Object.hasOwn(phaseActions, phase)

const contentTypes = ['text/html', 'text/plain', 'application/json', 'application/xml', 'text/xml']
/** Bytes of a custom answer. */
const maxContent = 2048
const maxDescription = 500

/**
 * Checks the JSON of a rule.
 * @throws RuleRefusal what is wrong with it.
 */
export function checkRule(phase: RulesetPhase, json: unknown): RuleDefinition {
  if (!isObject(json)) throw new RuleRefusal('a rule is an object')
  for (const name of ['ratelimit', 'exposed_credential_check'])
    if (json[name] !== undefined) throw new RuleRefusal(`the lab does not have ${name}`)
  const action = checkAction(phase, json)
  const expression = checkExpression(json.expression, 'expression')
  const { enabled = true, description = '', ref } = json
  if (typeof enabled !== 'boolean') throw new RuleRefusal("'enabled' has to be true or false")
  if (typeof description !== 'string' || description.length > maxDescription)
    throw new RuleRefusal(`'description' has to be a string of at most ${maxDescription} characters`)
  if (ref !== undefined && (typeof ref !== 'string' || ref === '' || ref.length > 100))
    throw new RuleRefusal("'ref' has to be a string of 1 to 100 characters")
  const parameters = json.action_parameters
  const actionParameters = action === 'block' ? checkBlock(parameters) : checkRewrite(parameters)
  return { action, expression, enabled, description, ref, actionParameters }
}

function checkAction(
  phase: RulesetPhase,
  { action, action_parameters }: Record<string, unknown>,
): RuleDefinition['action'] {
  if (action === undefined && action_parameters !== undefined)
    throw new RuleRefusal('action is required for action parameters')
  const wanted = phaseActions[phase]
  if (action !== wanted)
    throw new RuleRefusal(
      `'${shown(action)}' is not a valid value for action: in ${phase} the lab has ${wanted}`,
    )
  return wanted
}

/** A condition that compiles. @throws RuleRefusal */
function checkExpression(expression: unknown, name: string): string {
  if (expression === undefined || expression === '')
    throw new RuleRefusal(
      `'' is not a valid value for ${name} because the expression cannot be blank`,
      20_125,
    )
  if (typeof expression !== 'string') throw new RuleRefusal(`'${name}' has to be a string`)
  checkCompiles(expression, name, compileCondition)
  return expression
}

function checkBlock(parameters: unknown): BlockParameters | undefined {
  if (parameters === undefined) return undefined
  if (!isObject(parameters)) throw new RuleRefusal("'action_parameters' has to be an object")
  const other = Object.keys(parameters).find((name) => name !== 'response')
  if (other !== undefined) throw new RuleRefusal(`'${shown(other)}' is not an action parameter of block`)
  const { response } = parameters
  if (response === undefined) return undefined
  if (!isObject(response)) throw new RuleRefusal("'response' has to be an object")
  const { status_code, content_type, content } = response
  if (
    typeof status_code !== 'number' ||
    !Number.isInteger(status_code) ||
    status_code < 400 ||
    status_code > 499
  )
    throw new RuleRefusal(
      `'${shown(status_code)}' is not a valid value for status_code: it has to be 400 to 499`,
    )
  if (typeof content_type !== 'string' || !contentTypes.includes(content_type))
    throw new RuleRefusal(
      `'${shown(content_type)}' is not a valid value for content_type: it has to be one of ${contentTypes.join(', ')}`,
    )
  if (typeof content !== 'string' || content === '')
    throw new RuleRefusal("'content' has to be a string that is not empty")
  if (Buffer.byteLength(content) > maxContent)
    throw new RuleRefusal(`'content' has ${Buffer.byteLength(content)} bytes, more than ${maxContent}`)
  return { response: { status_code, content_type, content } }
}
