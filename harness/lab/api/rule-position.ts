/**
 * Where a rule is put: `{"before": id}`, `{"after": id}` (empty: at the top, at the bottom) or `{"index": n}` from 1.
 * @module
 */
import { isObject } from '../rules/check-expression.ts'
import { RuleRefusal, shown } from '../rules/refusal.ts'
import type { Rule } from '../state/types.ts'

/** The rules with one of them moved; as they are without a position. @throws RuleRefusal */
export function placed(rules: Rule[], id: string, position: unknown): Rule[] {
  if (position === undefined) return rules
  const rule = rules.find((one) => one.id === id)
  if (!isObject(position) || Object.keys(position).length !== 1 || rule === undefined)
    throw new RuleRefusal("'position' has to have one of before, after and index")
  const others = rules.filter((one) => one !== rule)
  return others.toSpliced(indexFor(others, position), 0, rule)
}

function indexFor(others: readonly Rule[], position: Record<string, unknown>): number {
  const { before, after, index } = position
  if (typeof index === 'number') {
    if (Number.isInteger(index) && index >= 1 && index <= others.length + 1) return index - 1
    throw new RuleRefusal(`'${shown(index)}' is not a valid value for index`)
  }
  const neighbour = typeof before === 'string' ? before : after
  if (typeof neighbour !== 'string')
    throw new RuleRefusal("'position' has to have one of before, after and index")
  if (neighbour === '') return neighbour === before ? 0 : others.length
  const at = others.findIndex(({ id }) => id === neighbour)
  if (at === -1) throw new RuleRefusal(`could not find rule '${shown(neighbour)}' for position`)
  return neighbour === before ? at : at + 1
}
