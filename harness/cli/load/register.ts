/**
 * Arguments and options of `load …`, `plan` and `compare`.
 * @module
 */
import { type Command, Option } from 'commander'
import { profileIds } from '../../../load/profiles/table.ts'
import { targetNames } from '../../../load/targets/kinds.ts'
import type { ExitCode } from '../../errors.ts'
import type { Commands } from '../commands.ts'
import { refuseIgnored } from './ignored.ts'
import type { LabServer } from './options.ts'
import { listOf, numberPairs, pairs, path, rates, time, whole, within, words } from './parse.ts'

const servers: readonly LabServer[] = ['edge', ...targetNames]
const versions = ['1.2', '1.3'] as const
/** Valid users are beside every flood. */
const floodIds = profileIds.filter((id) => id !== 'valid')

/** Where load goes: the same for all. */
function target(command: Command): Command {
  return command
    .argument('[target]', 'host:port of a server of yours, instead of --lab')
    .option('--lab', 'load the lab: its edge, or real servers on this machine')
    .option('--address <ip>', 'where the target is, when not where DNS says')
    .option('--path <path>', 'what is asked for (default: /)', path)
    .option('--cert <file>', 'a valid client certificate (PEM)')
    .option('--key <file>', 'its private key')
    .option('--client-ca <file>', 'the client CA: bad clients are made in its name')
    .option('--client-ca-key <file>', 'its key, of a test CA only: more kinds of client are possible')
    .option(
      '--i-am-allowed-to-load <hostname>',
      'type the hostname again: needed for anything but this machine',
    )
}

const seconds = (ms: number): string => `${ms / 1000}s`

/** Adds the commands. */
export function registerLoad(program: Command, commands: Commands, end: (code: ExitCode) => void): void {
  const load = program
    .command('load')
    .summary('what clients cost, how many fit, what a flood does')
    .description(
      'Load on a server that verifies client certificates: the lab on this machine, or a server of yours.',
    )
  const serverList = new Option('--servers <names>', `of the lab: ${servers.join(',')}`).argParser(
    listOf(servers),
  )
  const tlsList = (): Option =>
    new Option('--tls <versions>', 'TLS versions, each measured by itself: 1.2,1.3')
      .argParser(listOf(versions))
      .default(['1.3'], '1.3')
  const maxTime = (ms: number): Option =>
    new Option('--max-time <time>', 'everything ends by then').argParser(time).default(ms, seconds(ms))
  const out = (): Option =>
    new Option('--out <dir>', 'folder for results.json and the reports').default('harness-load')

  target(load.command('cost'))
    .summary('server CPU per client, by kind')
    .description('Measure what each kind of client costs the server in CPU, with confidence intervals.')
    .addOption(serverList)
    .option('--containers', 'run the servers of the lab in containers: exact CPU by control group')
    .addOption(tlsList())
    .option('--categories <ids>', 'only these kinds of client, and valid', words)
    .option('--rounds <n>', 'rounds at most', whole(1, 1000))
    .addOption(maxTime(300_000))
    .option('--control-port <n>', 'port of the target that asks for no certificate', whole(1, 65_535))
    .option('--control-name <hostname>', 'or a hostname there that does not')
    .option('--pid <n>', 'CPU of the target: a process of this machine and its children', whole(1, 2 ** 31))
    .option('--cgroup <dir>', 'or a control group')
    .option(
      '--prometheus <url>',
      'or Prometheus (HARNESS_PROMETHEUS_AUTHORIZATION: its Authorization header)',
    )
    .option('--query <promql>', 'a counter of CPU seconds')
    .addOption(
      new Option('--scrape <time>', 'until Prometheus has surely scraped')
        .argParser(time)
        .default(15_000, '15s'),
    )
    .addOption(out())
    .action(async (host, options, command) => {
      refuseIgnored(command)
      end(await commands.loadCost(host, options))
    })

  target(load.command('flood'))
    .summary('valid users beside bad clients')
    .description('Sweep the rate of bad clients beside valid users, with k6: when do valid users notice?')
    .addOption(serverList)
    .option('--containers', 'run the servers of the lab in containers')
    .addOption(
      new Option('--profiles <ids>', `what the flood is made of: ${floodIds.join(',')}`)
        .argParser(listOf(floodIds))
        .default(
          ['none', 'expired', 'unknown-ca-by-impostor-name'],
          'none,expired,unknown-ca-by-impostor-name',
        ),
    )
    .addOption(
      new Option('--rates <list>', 'bad clients per second, all kinds together')
        .argParser(rates)
        .default([25, 50, 100, 200], '25,50,100,200'),
    )
    .option('--victims <n>', 'valid users per second', whole(1, 5000), 20)
    .option('--objective <ms>', 'what valid users are promised, 99th percentile', within(1, 60_000), 250)
    .addOption(new Option('--step <time>', 'length of each rate').argParser(time).default(8000, '8s'))
    .addOption(new Option('--tls <version>', 'offer this version only').choices(versions))
    .option('--keep-going', 'go on after the objective broke')
    .option('--processes <n>', 'k6 processes per identity, what they measure merged', whole(1, 32), 1)
    .addOption(new Option('--emit <kind>', 'write resources instead of running').choices(['k6-operator']))
    .option('--name <name>', 'name of the resources', 'harness-flood')
    .option('--namespace <name>', 'namespace of the resources')
    .option('--parallelism <n>', 'pods per identity', whole(1, 1000), 2)
    .addOption(out())
    .action(async (host, options, command) => {
      refuseIgnored(command)
      end(await commands.loadFlood(host, options))
    })

  target(load.command('capacity'))
    .summary('the highest rate that keeps a promise')
    .description('Search the highest rate of valid clients at which the 99th percentile keeps its objective.')
    .addOption(serverList)
    .option('--containers', 'run the servers of the lab in containers')
    .addOption(tlsList())
    .option('--objective <ms>', 'the objective', within(1, 60_000), 250)
    .option('--start-rate <n>', 'first rate', whole(1, 20_000), 20)
    .option('--max-rate <n>', 'never more', whole(1, 20_000), 2000)
    .addOption(
      new Option('--generator <name>', 'what makes the load (default: k6 where it is found)').choices([
        'k6',
        'built-in',
      ]),
    )
    .addOption(
      new Option('--step <time>', 'window of a step that counts').argParser(time).default(5000, '5s'),
    )
    .addOption(maxTime(180_000))
    .option('--pid <n>', 'CPU of the target: a process of this machine', whole(1, 2 ** 31))
    .option('--cgroup <dir>', 'or a control group')
    .addOption(out())
    .action(async (host, options, command) => {
      refuseIgnored(command)
      end(await commands.loadCapacity(host, options))
    })

  target(load.command('proof'))
    .summary('which certificates are really sent, and seen by the server')
    .description(
      'Make some attempts of every kind of client with k6: which certificate crossed the wire, which did the server see?',
    )
    .addOption(serverList)
    .option('--containers', 'run the servers of the lab in containers')
    .addOption(tlsList().default(['1.2', '1.3'], '1.2,1.3'))
    .addOption(
      new Option('--profiles <ids>', 'only these kinds of client, and valid')
        .argParser(listOf(profileIds))
        .default([...profileIds], 'all'),
    )
    .addOption(out())
    .action(async (host, options, command) => {
      refuseIgnored(command)
      end(await commands.loadProof(host, options))
    })

  program
    .command('plan')
    .summary('how many cores a traffic needs')
    .description('Say how many cores a traffic needs, or how much traffic cores take, from measured costs.')
    .argument('<results>', 'folder of harness load cost, or its results.json')
    .option('--valid <rate>', 'valid clients per second', within(0, 1e9))
    .option('--invalid <list>', 'bad clients per second: expired=200,none=50; each kind once', pairs)
    .option('--cores <n>', 'ask for the rate that so many cores take', whole(1, 4096))
    .option('--of <kind>', 'of which kind of client the rate is asked', 'valid')
    .option('--objective <ms>', 'objective for the 99th percentile', within(1, 60_000))
    .option('--base <ms>', 'what network and application take of it', within(0, 60_000))
    .option('--headroom <share>', 'share of the cores that stays free', within(0, 0.99), 0.3)
    .option('--scaling <list>', 'measured throughput by cores: 1=900,2=1700,4=3100', numberPairs)
    .option('--server <name>', 'only this measured server')
    .addOption(new Option('--tls <version>', 'only this version').choices(versions))
    .option('--crl-bytes <n>', 'size of the CRL that the server reads', whole(0, 1e12))
    .option('--ca-curve <name>', 'curve of the client CA, for advice')
    .option('--resumed <share>', 'share of connections that resume', within(0, 1))
    .option('--json', 'print JSON')
    .action(async (results, options) => end(await commands.plan(results, options)))

  program
    .command('compare')
    .summary('dearer than before, or noise?')
    .description(
      'Compare the costs of two load runs. Exit code 1: something got dearer, or is let in now; 3: something of the earlier run could not be compared.',
    )
    .argument('<base>', 'folder of the earlier run')
    .argument('<new>', 'folder of the later run')
    .option('--max-regression <percent>', 'permitted, when it is not noise anyway', within(0, 1000), 5)
    .option('--json', 'print JSON')
    .action(async (base, next, options) => end(await commands.compare(base, next, options)))
}
