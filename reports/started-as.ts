/**
 * Commands as whoever reads them can paste them: by the name that this process was started by. `results.json` keeps `harness …`.
 * @module
 */
import type { CheckResult, Results } from './types.ts'

/** What npm sets where it runs a command that is not on the PATH of a shell: `npx`, `npm run`. */
const byNpm: ReadonlySet<string | undefined> = new Set(['exec', 'run', 'run-script'])

/** `npx harness` where npm started this process, else `harness`. */
export const startedAs = (env: NodeJS.ProcessEnv = process.env): 'harness' | 'npx harness' =>
  byNpm.has(env.npm_command) ? 'npx harness' : 'harness'

/** Every command; two words where the first alone is said of other things too. */
const command =
  /(?<![\w./@-])(?<!npx )harness (?=(?:verify|init|checks|explain|selftest|plan|compare|canary|report|doctor|lab (?:up|clean|faults|behaviours|scenario|state)|drill (?:rollback|restore)|load (?:cost|flood|capacity|proof)|certs (?:ca|issue|defects|crl|pkcs12|inspect|alb))\b|[<[]|--?\w)/g

/** A text with its commands as this process was started. */
export const asStarted = (text: string, as: string = startedAs()): string =>
  as === 'harness' ? text : text.replace(command, `${as} `)

/** Results with the commands of their advice as this process was started; what a server said stays. */
export function withStarted(results: Results, as: string = startedAs()): Results {
  if (as === 'harness') return results
  const told = (check: CheckResult): CheckResult => ({
    ...check,
    remediation: asStarted(check.remediation, as),
    reason: asStarted(check.reason, as),
    reproduce: check.reproduce.map((line) => asStarted(line, as)),
  })
  return { ...results, checks: results.checks.map(told) }
}
