/**
 * What `harness lab up` prints: where everything is, and lines that work as pasted. No credential: they are read from
 * `lab.json` by the lines themselves, and reach curl by a pipe, so that no process shows them in its arguments.
 * @module
 */
import { join } from 'node:path'
import { labHostnames, staff, teamDomain } from '../lab/hostnames.ts'
import type { Lab } from '../lab/lab.ts'
import { containerWhat } from '../lab/state/seed-containers.ts'

/** A line to paste into a shell. */
interface Try {
  /** What it shows, and how it ends: `exit code 0`, `HTTP 403`. */
  what: string
  line: string
}

/** A word for a POSIX shell. */
const word = (text: string): string =>
  /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`

const command = (...words: readonly string[]): string => words.map(word).join(' ')

/** `node` prints what it works out from lab.json. */
const fromLab = (labFile: string, expression: string): string =>
  command('node', '-p', `const lab = require(${JSON.stringify(labFile)}); ${expression}`)

/** The lines. @param dir absolute. */
export function triesOf({ edge, api, deploymentFile = '', labFile = '' }: Lab, dir: string): Try[] {
  const toEdge = ['--cacert', join(dir, 'server-ca.pem'), '--connect-to', `::${edge.host}:${edge.port}`]
  const certificate = ['--cert', join(dir, 'sensor-001.pem'), '--key', join(dir, 'sensor-001-key.pem')]
  const curl = (...words: readonly string[]): string => command('curl', '-sSi', ...words)
  const bearer = fromLab(labFile, '"Authorization: Bearer " + lab.api.token')
  const service = fromLab(
    labFile,
    'const { id, secret } = lab.access.serviceTokens.ci; "CF-Access-Client-Id: " + id + "\\nCF-Access-Client-Secret: " + secret',
  )
  return [
    {
      what: 'verify what it promises: exit code 0',
      line: command('harness', 'verify', '-d', deploymentFile),
    },
    {
      what: 'with a client certificate: HTTP 200',
      line: curl(...toEdge, ...certificate, 'https://api.harness.test/temps'),
    },
    { what: 'without one: HTTP 403', line: curl(...toEdge, 'https://api.harness.test/temps') },
    {
      what: 'Access, the service “ci”: HTTP 200',
      line: `${service} | ${curl('-H', '@-', ...toEdge, `https://${staff.hostname}/temps`)}`,
    },
    {
      what: 'Access, nobody yet: HTTP 302 to the login',
      line: curl(...toEdge, `https://${staff.hostname}/temps`),
    },
    ...(api === undefined
      ? []
      : [
          {
            what: 'the API, your token: HTTP 200',
            line: `${bearer} | ${curl('-H', '@-', `${api.baseURL}/user/tokens/verify`)}`,
          },
          { what: 'the API, no token: HTTP 400', line: curl(`${api.baseURL}/user/tokens/verify`) },
          {
            what: 'an operator at work: exit code 0',
            line: command('harness', 'lab', 'scenario', 'api-shield', '--lab', dir),
          },
        ]),
  ]
}

/** Everything. @param dir absolute. */
export function labUpText(
  lab: Lab,
  dir: string,
  { faults, delayed }: { faults: readonly string[]; delayed: boolean },
): string {
  const { edge, api, containers, deploymentFile = '', labFile = '' } = lab
  const rows: [name: string, value: string][] = [
    ['server CA', join(dir, 'server-ca.pem')],
    ...(api === undefined
      ? []
      : ([
          ['API', `${api.baseURL} (credentials: api in lab.json)`],
          ['lab’s own API', `${api.labURL} (the same credentials)`],
        ] as [string, string][])),
    ['team domain', teamDomain],
    [
      'log in',
      `at https://${staff.hostname}:${edge.port}/ as alice, bob or mallory (passwords: access.idp.users in lab.json)`,
    ],
    ['deployment', deploymentFile],
    ...containers.map((one): [string, string] => [`  ${one.name}`, one.deploymentFile ?? '']),
    ['for clients', `${labFile} (holds the credentials; only you can read it)`],
    ...(delayed ? ([['delays', 'changes take as long as on the real edge']] as [string, string][]) : []),
    ...(faults.length === 0 ? [] : ([['faults', faults.join(', ')]] as [string, string][])),
  ]
  const lines = [
    `lab is up on ${edge.host}:${edge.port} (plain HTTP on ${edge.plainPort}); Ctrl-C takes it down`,
    '',
    ...labHostnames.map(({ hostname, what }) => `  ${hostname.padEnd(26)} ${what}`),
    ...containers.map(({ hostname, server }) => `  ${hostname.padEnd(26)} ${containerWhat(server)}`),
    '',
    ...rows.map(([name, value]) => `${name.padEnd(13)} ${value}`),
    '',
    'try:',
    ...triesOf(lab, dir).flatMap(({ what, line }) => [`  ${what}`, `    ${line}`]),
  ]
  return `${lines.join('\n')}\n`
}
