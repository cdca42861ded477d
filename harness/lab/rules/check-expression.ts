/**
 * Expressions inside of the JSON of a rule.
 * @module
 */
import { RuleError } from './error.ts'
import { RuleRefusal } from './refusal.ts'

/** Compiles, with the refusal the API has for an expression that does not. */
export function checkCompiles(
  expression: string,
  name: string,
  compile: (expression: string) => unknown,
): void {
  try {
    compile(expression)
  } catch (error) {
    if (!(error instanceof RuleError)) throw error
    throw new RuleRefusal(
      `'${expression.slice(0, 4096)}' is not a valid value for ${name} because could not parse filter expression: ${error.message}`,
      20_127,
    )
  }
}

/** A JSON object. */
export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
