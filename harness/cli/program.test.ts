import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Command } from 'commander'
import { type ExitCode, HarnessError } from '../errors.ts'
import { version } from '../version.ts'
import type { Commands } from './commands.ts'
import { run } from './run.ts'

/** Runs a command line against commands that only record how they were called. */
async function record(args: string[], ends: ExitCode | Error = 0) {
  const calls: unknown[][] = []
  let certsLoaded = false
  const called =
    (name: string) =>
    async (...parameters: unknown[]): Promise<ExitCode> => {
      calls.push([name, ...parameters.filter((parameter) => !(parameter instanceof Command))])
      if (ends instanceof Error) throw ends
      return ends
    }
  const commands: Commands = {
    verify: called('verify'),
    init: called('init'),
    checks: called('checks'),
    explain: called('explain'),
    labUp: called('labUp'),
    labClean: called('labClean'),
    labFaults: called('labFaults'),
    labBehaviours: called('labBehaviours'),
    labScenario: called('labScenario'),
    labStateExport: called('labStateExport'),
    labStateImport: called('labStateImport'),
    labStateDiff: called('labStateDiff'),
    drillRollback: called('drillRollback'),
    drillRestore: called('drillRestore'),
    selftest: called('selftest'),
    canary: called('canary'),
    loadCost: called('loadCost'),
    loadFlood: called('loadFlood'),
    loadCapacity: called('loadCapacity'),
    loadProof: called('loadProof'),
    plan: called('plan'),
    compare: called('compare'),
    report: called('report'),
    doctor: called('doctor'),
    certs: async () => {
      certsLoaded = true
      const certs = new Command('certs').description('certificates')
      certs
        .command('inspect')
        .argument('<file>')
        .action(async (file: string) => void (await called('inspect')(file)))
      return certs
    },
  }
  const stdout: string[] = []
  const stderr: string[] = []
  const code = await run(args, commands, {
    stdout: { write: (text) => stdout.push(text) },
    stderr: { write: (text) => stderr.push(text) },
    debug: false,
  })
  return { code, calls, certsLoaded, out: stdout.join(''), err: stderr.join('') }
}

const verifyDefaults = { profile: 'default', failOn: 'medium', out: 'harness-report' }

test('verify receives its arguments and options, with defaults where none are given', async () => {
  const plain = await record(['verify', 'api.example.com'])
  assert.deepEqual(plain.calls, [['verify', 'api.example.com', verifyDefaults]])
  const lab = await record(['verify', '--lab', '--fault', 'a', 'b', '--fault', 'c'])
  assert.deepEqual(lab.calls, [
    ['verify', undefined, { ...verifyDefaults, lab: true, fault: ['a', 'b', 'c'] }],
  ])
  const all =
    '-d h.yaml --connect-to 127.0.0.1:8443 --only tls.* --skip mode.* --profile quick --fail-on high'
  const more = '--out o --verbose --workers 3 --rate 5 --deadline 900'
  const { calls } = await record(['verify', ...all.split(' '), ...more.split(' ')])
  assert.deepEqual(calls[0]?.[2], {
    deployment: 'h.yaml',
    connectTo: '127.0.0.1:8443',
    only: ['tls.*'],
    skip: ['mode.*'],
    profile: 'quick',
    failOn: 'high',
    out: 'o',
    verbose: true,
    workers: 3,
    rate: 5,
    deadline: 900,
  })
})

test('every other command is reached, with its arguments', async () => {
  const cases: [string, unknown[]][] = [
    ['init h.example', ['init', 'h.example', { out: 'harness.yaml' }]],
    ['init h.example --force --out f', ['init', 'h.example', { out: 'f', force: true }]],
    ['checks --json', ['checks', { json: true }]],
    ['explain tls.sni', ['explain', 'tls.sni']],
    ['lab up --port 8443 --fault a', ['labUp', { out: 'harness-lab', port: 8443, fault: ['a'] }]],
    ['lab up --realistic-delays', ['labUp', { out: 'harness-lab', realisticDelays: true }]],
    ['lab faults', ['labFaults', {}]],
    ['lab behaviours --json', ['labBehaviours', { json: true }]],
    ['lab scenario', ['labScenario', [], { lab: 'harness-lab' }]],
    ['lab scenario a b --lab d --json', ['labScenario', ['a', 'b'], { lab: 'd', json: true }]],
    ['lab state export --out f', ['labStateExport', { out: 'f', lab: 'harness-lab' }]],
    ['lab state import f --lab d', ['labStateImport', 'f', { lab: 'd' }]],
    ['lab state diff a', ['labStateDiff', 'a', undefined, { lab: 'harness-lab' }]],
    ['lab state diff a b --all', ['labStateDiff', 'a', 'b', { lab: 'harness-lab', all: true }]],
    [
      'drill restore e.json -d f --allow-changes --hostname h',
      ['drillRestore', 'e.json', { deployment: 'f', allowChanges: true, hostname: 'h' }],
    ],
    ['drill rollback --lab', ['drillRollback', { lab: true, order: 'right', out: 'harness-drill' }]],
    [
      'drill rollback -d f --allow-changes --hostname h --order live --origin-before required',
      [
        'drillRollback',
        {
          deployment: 'f',
          allowChanges: true,
          hostname: 'h',
          order: 'live',
          originBefore: 'required',
          out: 'harness-drill',
        },
      ],
    ],
    ['selftest --check a.* --json', ['selftest', { check: ['a.*'], json: true, out: 'harness-report' }]],
    ['canary nginx', ['canary', 'nginx']],
    ['report dir', ['report', 'dir']],
    ['doctor', ['doctor', {}]],
    ['certs inspect a.pem', ['inspect', 'a.pem']],
  ]
  for (const [line, [name, ...parameters]] of cases) {
    const { calls, code, err } = await record(line.split(' '))
    const [call] = calls
    // Commander hands a command without options an empty object of them too.
    assert.deepEqual(call?.slice(0, parameters.length + 1), [name, ...parameters], line)
    assert.deepEqual([code, err], [0, ''], line)
  }
})

test('the exit code is the one the command ends with', async () => {
  for (const code of [0, 1, 3] as const) assert.equal((await record(['checks'], code)).code, code)
})

test('an error of a command gives its message, hint and exit code', async () => {
  const error = new HarnessError('ERR_UNREACHABLE', 'nobody answers', { hint: 'is it up?' })
  const { code, err } = await record(['verify', 'h.example'], error)
  assert.equal(code, 3)
  assert.equal(err, 'harness: nobody answers\n  hint: is it up?\n')
})

test('wrong usage ends with 2, says what is wrong, and runs nothing', async () => {
  const cases: [string, RegExp][] = [
    ['', /^Usage: harness/],
    ['lab', /^Usage: harness lab/],
    ['verfy', /^harness: unknown command 'verfy'\n\(Did you mean verify\?\)/],
    ['verify h --falt x', /unknown option '--falt'\n\(Did you mean --fault\?\)/],
    ['verify h --profile fast', /Allowed choices are quick, default, full, staging/],
    ['verify h --fail-on info', /Allowed choices are low, medium, high, critical/],
    ['verify h --workers 0', /whole number from 1 to 64/],
    ['verify h --workers 2x', /whole number from 1 to 64/],
    ['verify h --rate 0', /whole number from 1 to 1000/],
    ['verify h --deadline 1', /whole number from 100/],
    ['verify --lab -d f', /cannot be used with option '-d/],
    ['verify --lab --connect-to h:1', /cannot be used with option '--connect-to/],
    ['verify h another', /too many arguments/],
    ['drill restore e.json', /required option '-d, --deployment <file>'/],
    ['drill rollback --lab --allow-changes', /cannot be used with option '--allow-changes/],
    ['explain', /missing required argument 'check-id'/],
    ['canary php', /Allowed choices are node, worker, nginx, httpd/],
    ['lab up --port 70000', /whole number from 1 to 65535/],
    ['certs inspekt', /unknown command 'inspekt'\n\(Did you mean inspect\?\)/],
    ['certs inspect', /missing required argument 'file'/],
  ]
  for (const [line, message] of cases) {
    const { code, calls, out, err } = await record(line.split(' ').filter((word) => word))
    assert.equal(code, 2, line)
    assert.match(err, message, line)
    assert.deepEqual([calls, out], [[], ''], line)
  }
})

test('help and version go to stdout and end with 0', async () => {
  assert.deepEqual(await record(['--version']), {
    code: 0,
    calls: [],
    certsLoaded: false,
    out: `${version}\n`,
    err: '',
  })
  const help = await record(['--help'])
  assert.equal(help.code, 0)
  for (const name of 'verify init checks explain lab selftest certs canary report doctor'.split(' ')) {
    assert.match(help.out, new RegExp(`^ {2}${name}\\b`, 'm'))
  }
  assert.match(help.out, /Exit codes:\n {2}0 {2}.*\n {2}1 {2}findings/)
  assert.match((await record(['verify', '--help'])).out, /--fail-on <severity>/)
})

test('the certificate commands are loaded only where they are asked for', async () => {
  assert.equal((await record(['checks'])).certsLoaded, false)
  const help = await record(['help', 'certs'])
  assert.equal(help.certsLoaded, true)
  assert.match(help.out, /inspect <file>/)
})
