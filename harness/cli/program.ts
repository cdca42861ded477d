/**
 * The command line (DESIGN 4.1): names, arguments and options of every command, and its help. What a command does is in
 * the file of its name.
 * @module
 */
import { Command, InvalidArgumentError, Option } from 'commander'
import { severities } from '../../reports/types.ts'
import type { ExitCode } from '../errors.ts'
import { version } from '../version.ts'
import { type CanaryKind, type Commands, canaryKinds, type VerifyOptions } from './commands.ts'
import { exampleText } from './examples.ts'
import { registerLoad } from './load/register.ts'

const epilogue = `
Examples:
  harness verify --lab                          see it work: verify the embedded lab
  harness verify api.example.com                look from outside, knowing nothing
  harness init api.example.com                  write harness.yaml: what was seen, what to confirm
  harness verify -d harness.yaml                verify what the file promises
  harness explain client-cert.impostor-ca       what a check sends, expects, and how to fix it
  harness load cost --lab                       what each kind of client costs a server

Exit codes:
  0  everything planned was verified, nothing at or above --fail-on failed
  1  findings
  2  wrong usage, or an invalid deployment file
  3  not verified: unreachable, interrupted, nothing ran, or a severe check stayed undecided
  4  the harness itself failed`

const verifyEpilogue = `
Name the hostname before options that take several values, or end those with "--".`

/** A whole number between two bounds, for an option's value. */
function whole(from: number, to: number): (text: string) => number {
  return (text) => {
    const value = Number(text)
    if (!/^\d+$/.test(text) || value < from || value > to) {
      throw new InvalidArgumentError(`A whole number from ${from} to ${to} is needed.`)
    }
    return value
  }
}

/** Every command of `commands`, added to a program; `end` receives the exit code of the one that ran. */
function register(program: Command, commands: Commands, end: (code: ExitCode) => void): void {
  const fault = ['--fault <id...>', 'switch on faults of the lab (see: harness lab faults)'] as const
  const connectTo = ['--connect-to <addr:port>', 'connect there; SNI and Host stay the hostname'] as const
  const json = ['--json', 'print JSON'] as const
  const containers = [
    '--containers',
    'with origins on real servers too, in containers (needs Docker)',
  ] as const

  program
    .command('verify')
    .summary('who gets through a hostname, and is it who should?')
    .description(
      'Verify a hostname against its deployment file, from outside without one, or the embedded lab.',
    )
    .argument('[hostname]', 'the hostname, where there is no deployment file')
    .option('-d, --deployment <file>', 'deployment file (YAML or JSON)')
    .option(...connectTo)
    .addOption(new Option('--lab', 'verify the embedded lab').conflicts(['deployment', 'connectTo']))
    .option(...fault)
    .option(...containers)
    .option('--only <glob...>', 'run only these checks, e.g. "client-cert.*"')
    .option('--skip <glob...>', 'leave these checks out')
    .addOption(
      new Option('--profile <name>', 'which checks to plan')
        .choices(['quick', 'default', 'full', 'staging'])
        .default('default'),
    )
    .option('--staging', 'checks that could disturb the host may run too (not for production)')
    .option('--allow-changes', 'the same as --staging')
    .addOption(
      new Option('--fail-on <severity>', 'mildest severity that counts as a finding')
        .choices(severities.filter((severity) => severity !== 'info'))
        .default('medium'),
    )
    .option('--out <dir>', 'folder for results.json and the reports', 'harness-report')
    .option('--verbose', 'show every check and what was observed')
    .option('--workers <n>', 'checks that run at the same time', whole(1, 64))
    .option('--rate <n>', 'connections per second at most, for hosts that limit them', whole(1, 1000))
    .option('--deadline <ms>', 'milliseconds that one attempt may take', whole(100, 600_000))
    .addHelpText('after', verifyEpilogue)
    .action(async (hostname: string | undefined, options: VerifyOptions) =>
      end(await commands.verify(hostname, options)),
    )

  program
    .command('init')
    .summary('look at a hostname, write its deployment file')
    .description(
      'Look at a hostname and write a deployment file: what was observed, and what a person must confirm.',
    )
    .argument('<hostname>')
    .option(...connectTo)
    .option('--out <file>', 'file to write', 'harness.yaml')
    .option('--force', 'replace the file if it is there')
    .action(async (hostname, options) => end(await commands.init(hostname, options)))

  program
    .command('checks')
    .summary('list every check')
    .description('List every check.')
    .option(...json)
    .action(async (options) => end(await commands.checks(options)))

  program
    .command('explain')
    .summary('what a check sends, expects, and why')
    .description('Say what a check sends and expects, why, and how to fix what it finds.')
    .argument('<check-id>', 'for example client-cert.impostor-ca')
    .action(async (id) => end(await commands.explain(id)))

  const lab = program
    .command('lab')
    .summary('the mock deployment the harness is proven on')
    .description('The mock deployment that the harness is proven on.')
  lab
    .command('up')
    .summary('run the lab in the foreground')
    .description(
      'Run the lab in the foreground; write its deployment file, CA and credentials. Ctrl-C ends it.',
    )
    .option('--out <dir>', 'folder for lab.json, harness.yaml, certificates and keys', 'harness-lab')
    .option(...fault)
    .option('--port <n>', 'port of the edge (default: any free one)', whole(1, 65_535))
    .option('--realistic-delays', 'let changes take as long as on the real edge, where that is known')
    .option(...containers)
    .action(async (options) => end(await commands.labUp(options)))
  lab
    .command('clean')
    .summary('remove what killed labs left in Docker')
    .description(
      'Remove containers and networks of labs that were killed (kill -9, a crash). Those of running labs stay.',
    )
    .option('--images', 'the images of the servers too; the next start builds them again')
    .action(async (options) => end(await commands.labClean(options)))
  lab
    .command('faults')
    .summary('list every fault')
    .description('List every fault that can be switched on.')
    .option(...json)
    .action(async (options) => end(await commands.labFaults(options)))
  lab
    .command('behaviours')
    .summary('what the mock edge does, and what each behaviour rests on')
    .description(
      'List what the mock edge does, and whether that is documented, was observed by others, or is our choice.',
    )
    .option(...json)
    .action(async (options) => end(await commands.labBehaviours(options)))
  lab
    .command('scenario')
    .summary('an operator sets something up in a running lab, visitors meet it')
    .description(
      'Run scenarios against a running lab: an operator sets something up through the official SDK, visitors meet it, and it is taken back. Without a name: list them.',
    )
    .argument('[names...]', 'which ones; all: every one')
    .option('--lab <dir>', 'folder of the running lab', 'harness-lab')
    .option(...json)
    .action(async (names, options) => end(await commands.labScenario(names, options)))
  registerLabState(lab, commands, end)

  registerDrill(program, commands, end)

  program
    .command('selftest')
    .summary('kill matrix: every fault against every check')
    .description(
      'Run every check against every fault of the lab: each check must be seen to fail, none by accident.',
    )
    .option('--fault <id...>', 'only these faults')
    .option('--check <glob...>', 'only these checks')
    .option('--alone', 'each fault in a lab of its own against every check, not in company: slower by far')
    .option('--containers', 'known-bad configurations of real servers too, in containers (needs Docker)')
    .option('--out <dir>', 'folder for the matrix', 'harness-report')
    .option(...json)
    .action(async (options) => end(await commands.selftest(options)))

  program
    .command('canary')
    .summary('print a canary endpoint for a real origin')
    .description('Print a canary endpoint to put on a real origin.')
    .addArgument(program.createArgument('<kind>', 'what the origin runs').choices([...canaryKinds]))
    .action(async (kind: CanaryKind) => end(await commands.canary(kind)))

  registerLoad(program, commands, end)

  program
    .command('report')
    .summary('write the reports again from results.json')
    .description('Write every report again from a folder that holds results.json.')
    .argument('<dir>')
    .action(async (directory) => end(await commands.report(directory)))

  program
    .command('doctor')
    .summary('what is installed here, and what it enables')
    .description('Say what is installed here, what it enables, and how to get the rest.')
    .option(...json)
    .action(async (options) => end(await commands.doctor(options)))
}

/** `drill …`. */
function registerDrill(program: Command, commands: Commands, end: (code: ExitCode) => void): void {
  const drill = program
    .command('drill')
    .summary('changes of the control plane under live traffic, and back')
    .description('Change the control plane under live traffic, watch who gets in meanwhile, and go back.')
  drill
    .command('rollback')
    .summary('switch origin protection on and off again under steady traffic')
    .description(
      'Switch Authenticated Origin Pulls on and off again, step by step, under steady traffic: nobody may be let in or locked out meanwhile. On a real zone it changes the configuration; on any failure, and on Ctrl-C, it goes back to the state before.',
    )
    .addOption(
      new Option('--lab', 'in the embedded lab').conflicts(['deployment', 'allowChanges', 'originCommand']),
    )
    .option('-d, --deployment <file>', 'deployment file, with controlPlane and origin')
    .option('--order <name>', 'which drill; all: every one (lab); list: only name them', 'right')
    .option('--allow-changes', 'on a real zone: really change it')
    .option('--hostname <name>', 'on a real zone: the hostname once more, typed')
    .option(
      '--origin-command <command>',
      'changes the origin: run with HARNESS_ORIGIN_MODE=off|optional|required (default: you are asked)',
    )
    .addOption(
      new Option('--origin-before <mode>', 'how the origin treats client certificates now').choices([
        'off',
        'optional',
        'required',
      ]),
    )
    .option('--fault <id...>', 'switch on faults of the lab (see: harness lab faults)')
    .option('--out <dir>', 'folder for the state export, drill.json and the page', 'harness-drill')
    .option('--json', 'print JSON')
    .action(async (options) => end(await commands.drillRollback(options)))
  drill
    .command('restore')
    .summary('back to the state before a drill that was killed')
    .description(
      'Go back to the state that a drill on a real zone has written down before its first change: for after kill -9, a crash, or a machine that went away. What differs is worked out from what is there now.',
    )
    .argument('<export>', 'the drill’s state before, such as harness-drill/drill-export.json')
    .requiredOption('-d, --deployment <file>', 'the deployment file that the drill was run with')
    .option('--allow-changes', 'really change it')
    .option('--hostname <name>', 'the hostname once more, typed')
    .option(
      '--origin-command <command>',
      'changes the origin: run with HARNESS_ORIGIN_MODE=off|optional|required (default: you are asked)',
    )
    .option('--json', 'print JSON')
    .action(async (file, options) => end(await commands.drillRestore(file, options)))
}

/** `lab state …`. */
function registerLabState(lab: Command, commands: Commands, end: (code: ExitCode) => void): void {
  const where = ['--lab <dir>', 'folder of the running lab', 'harness-lab'] as const
  const state = lab
    .command('state')
    .summary('export, import or compare what is configured in a running lab')
    .description('Export, import or compare everything that is configured in a running lab.')
  state
    .command('export')
    .summary('write the state to a file')
    .description('Write the state of a running lab to a new file. It holds private keys: mode 0600.')
    .requiredOption('--out <file>', 'file to write; it must not exist')
    .option(...where)
    .action(async (options) => end(await commands.labStateExport(options)))
  state
    .command('import')
    .summary('replace the state')
    .description('Replace the state of a running lab by an exported one.')
    .argument('<file>')
    .option(...where)
    .action(async (file, options) => end(await commands.labStateImport(file, options)))
  state
    .command('diff')
    .summary('compare two exports, or one with the running lab')
    .description(
      'Compare two exported states, or one with the running lab. Exit code 0: the same; 1: they differ. Secrets are shown as fingerprints.',
    )
    .argument('<before>', 'exported state')
    .argument('[after]', 'exported state; default: the running lab')
    .option('--all', 'times too')
    .option('--json', 'print JSON')
    .option(...where)
    .action(async (before, after, options) => end(await commands.labStateDiff(before, after, options)))
}

/** Adds its examples to every command that has some. */
function addExamples(parent: Command, path = ''): void {
  for (const command of parent.commands) {
    const own = `${path}${command.name()}`
    const text = exampleText(own)
    if (text !== '') command.addHelpText('after', text)
    addExamples(command, `${own} `)
  }
}

/** Settings do not reach a command that was made elsewhere, nor its subcommands. */
function adopt(parent: Command, child: Command): void {
  child.copyInheritedSettings(parent)
  for (const grandchild of child.commands) adopt(child, grandchild)
}

/** Where help and usage errors are written. */
export interface Output {
  stdout: { write(text: string): unknown }
  stderr: { write(text: string): unknown }
}

/**
 * The program for these arguments (without `node` and the script). `end` receives the exit code of the command that ran.
 * It throws commander's CommanderError instead of exiting.
 */
export async function createProgram(
  args: readonly string[],
  commands: Commands,
  { stdout, stderr }: Output,
  end: (code: ExitCode) => void,
): Promise<Command> {
  const program = new Command('harness')
    .description(
      'Decides whether a hostname protected by mutual TLS may go live: who gets through, and is it who should?',
    )
    .version(version)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => stdout.write(text),
      writeErr: (text) => stderr.write(text),
      outputError: (text, write) => write(text.replace(/^error: /, 'harness: ')),
    })
    .showHelpAfterError('(--help shows how it is used)')
    .addHelpText('after', epilogue)
  register(program, commands, end)
  addExamples(program)

  // The certificate commands define their own options; their module is loaded only where one of them can be meant.
  const certs = args.includes('certs') ? await commands.certs() : new Command('certs')
  if (certs.summary() === '' && certs.description() === '') {
    certs.description('make authorities and client certificates, good or bad')
  }
  adopt(program, certs)
  program.addCommand(certs)
  return program
}
