/**
 * Options that would have no effect beside others: each is an error, because whoever gave it means something by it.
 * @module
 */
import type { Command } from 'commander'
import { HarnessError } from '../../errors.ts'

/** Options, when they have no effect, and why. */
interface Rule {
  options: readonly string[]
  when: (given: ReadonlySet<string>) => boolean
  why: string
}

const rules: readonly Rule[] = [
  {
    options: [
      ...['address', 'path', 'cert', 'key', 'clientCa', 'clientCaKey', 'iAmAllowedToLoad'],
      ...['controlPort', 'controlName', 'pid', 'cgroup', 'prometheus', 'query', 'scrape'],
    ],
    when: (given) => given.has('lab'),
    why: 'is about a target of yours, and --lab was given',
  },
  {
    options: ['query', 'scrape'],
    when: (given) => !given.has('prometheus'),
    why: 'belongs to --prometheus',
  },
  {
    options: ['name', 'namespace', 'parallelism'],
    when: (given) => !given.has('emit'),
    why: 'names resources, and they are written with --emit only',
  },
  {
    options: ['lab', 'servers', 'containers', 'keepGoing', 'objective', 'processes'],
    when: (given) => given.has('emit'),
    why: 'is for a run of this command, and --emit runs nothing',
  },
]

/** @throws HarnessError ERR_USAGE for an option that was given and would have no effect. */
export function refuseIgnored(command: Command): void {
  const options = command.options.filter(
    (option) => command.getOptionValueSource(option.attributeName()) === 'cli',
  )
  const given = new Set(options.map((option) => option.attributeName()))
  for (const { options: own, when, why } of rules) {
    const ignored = options.find((option) => own.includes(option.attributeName()))
    if (ignored === undefined || !when(given)) continue
    throw new HarnessError('ERR_USAGE', `${ignored.long ?? ignored.flags} ${why}`)
  }
}
