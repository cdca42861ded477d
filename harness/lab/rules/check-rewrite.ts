/**
 * The parameters of a request header transform, checked.
 * Source: developers.cloudflare.com rules/transform/request-header-modification.
 * @module
 */
import type { RewriteParameters } from '../state/types.ts'
import { checkCompiles, isObject } from './check-expression.ts'
import { compileValue } from './compile.ts'
import { RuleRefusal, shown } from './refusal.ts'

type Operation = RewriteParameters['headers'][string]

const token = /^[A-Za-z0-9!#$%&'*+\-.^_`|~]{1,100}$/

/** Headers that carry the message or the connection, or that the edge sets itself: no rule may touch them. */
const untouchable: ReadonlySet<string> = new Set([
  'accept-charset',
  'accept-encoding',
  'connection',
  'content-length',
  'date',
  'expect',
  'host',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'via',
])

/** Headers that can be removed but not given a value. */
const onlyRemovable: ReadonlySet<string> = new Set([
  'cookie',
  'true-client-ip',
  'x-forwarded-for',
  'x-forwarded-proto',
  'x-real-ip',
])

/** Most headers one rule may name. */
const maxHeaders = 30
const maxValue = 4096

/** @throws RuleRefusal what is wrong with them. */
export function checkRewrite(parameters: unknown): RewriteParameters {
  if (!isObject(parameters)) throw new RuleRefusal("'action_parameters' has to be an object with 'headers'")
  const other = Object.keys(parameters).find((name) => name !== 'headers')
  if (other !== undefined)
    throw new RuleRefusal(
      `'${shown(other)}' is not an action parameter the lab has for rewrite: it has headers`,
    )
  const { headers } = parameters
  if (!isObject(headers)) throw new RuleRefusal("'headers' has to be an object")
  const entries = Object.entries(headers)
  if (entries.length === 0 || entries.length > maxHeaders)
    throw new RuleRefusal(`'headers' has to name 1 to ${maxHeaders} headers`)
  const names = entries.map(([name]) => name.toLowerCase())
  if (new Set(names).size < names.length) throw new RuleRefusal("'headers' names one header twice")
  return { headers: Object.fromEntries(entries.map(([name, json]) => [name, checkHeader(name, json)])) }
}

function checkHeader(name: string, json: unknown): Operation {
  if (!token.test(name)) throw new RuleRefusal(`'${shown(name)}' is not a valid header name`)
  if (!isObject(json)) throw new RuleRefusal(`the operation on '${shown(name)}' has to be an object`)
  const { operation, value, expression } = json
  if (operation !== 'set' && operation !== 'add' && operation !== 'remove')
    throw new RuleRefusal(
      `'${shown(operation)}' is not a valid value for operation: it has to be set, add or remove`,
    )
  checkName(name, operation)
  if (operation === 'remove') {
    if (value !== undefined || expression !== undefined) throw new RuleRefusal('remove takes no value')
    return { operation }
  }
  if ((value === undefined) === (expression === undefined))
    throw new RuleRefusal(`${operation} takes either a value or an expression`)
  if (value !== undefined) {
    if (typeof value !== 'string' || !/^[\x20-\x7e]+$/.test(value) || value.length > maxValue)
      throw new RuleRefusal("'value' has to be printable ASCII that is not empty")
    return { operation, value }
  }
  if (typeof expression !== 'string' || expression === '')
    throw new RuleRefusal("'expression' has to be a string that is not empty")
  checkCompiles(expression, 'expression', compileValue)
  return { operation, expression }
}

function checkName(name: string, operation: Operation['operation']): void {
  const lower = name.toLowerCase()
  const own = /^(x-)?cf-/.test(lower) && !(lower === 'cf-connecting-ip' && operation === 'remove')
  if (own || untouchable.has(lower) || (operation !== 'remove' && onlyRemovable.has(lower)))
    throw new RuleRefusal(
      `'${shown(name)}' is not a valid value for header name because it cannot be ${operation === 'remove' ? 'removed' : 'modified'}`,
    )
}
