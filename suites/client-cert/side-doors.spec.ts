import { type CheckMeta, check } from '../../fixtures/catalogue.ts'
import type { CheckContext } from '../../fixtures/context.ts'
import type { DefectId } from '../../harness/pki/types.ts'
import { protectedPaths } from '../paths/closed.ts'
import { spellings } from '../paths/spellings.ts'
import { verifyChain } from '../remedies.ts'
import { nameBeside } from '../tls/random-name.ts'
import { addressAsHost, hostSpellings, sniSpellings } from '../tls/spelled-names.ts'
import { type Door, noneOpens, presented } from './side-doors.ts'

const base = {
  severity: 'critical',
  kind: 'must',
  profile: 'default',
  expects:
    'Refused as at the plain request. What opens without a certificate too is the finding of the checks that bring none.',
  remediation: `${verifyChain}

Say it once for the whole hostname, not per door: a second server block, listener or location with a milder rule is a way around the first.

nginx, in every server block and listener that leads to the application, default_server included:
  ssl_client_certificate /etc/nginx/client-ca.pem;
  ssl_verify_client on;
  # not optional_no_ca with: if ($ssl_client_verify = NONE) { return 403; }

HAProxy, for the whole frontend:
  bind :443 ssl crt site.pem ca-file client-ca.pem verify required
  # without crt-ignore-err and ca-ignore-err; ssl_c_used says that some certificate came, and no more`,
} as const satisfies Partial<CheckMeta>

const presence =
  'Without a certificate this door is closed, and so it looks like the others. Where only the presence of one is asked for (nginx optional_no_ca and a test for NONE, HAProxy ssl_c_used), everybody gets in with a certificate made a second ago. The main door being verified says nothing about this one.'

/** Where there are more doors the self-signed certificate alone is presented. */
const mostTwice = 12
const kindsFor = (doors: readonly Door[]): readonly DefectId[] =>
  doors.length > mostTwice ? ['self-signed'] : presented
/** Of checks whose doors the deployment file counts: so many doors once, or a few of them twice and compared. */
const many = 96
const whose = `a self-signed certificate that has the subject of a valid one, and with one of a CA of your CA’s name (where that can be minted, and there are no more than ${mostTwice})`

check(
  'client-cert.bad-requests',
  {
    ...base,
    title: 'every declared request is turned away with a bad certificate',
    connections: many,
    needs: ['enforce', 'requests', 'defect:self-signed'],
    grounds: [
      'measured: nginx 1.22 with optional_no_ca for the server and $ssl_client_verify in one location',
      'catalogue CRT-03',
      'catalogue PTH-01',
    ],
    killedBy: ['edge.any-certificate-at-path'],
    why: `The certificate is asked for everywhere and verified in one location: the one that was tried. ${presence}`,
    sends: `Each entry of \`requests\` with ${whose}.`,
  },
  async (run) => {
    const doors = run.target.requests.map((request) => ({
      what: `${request.method} ${request.path}`,
      wanted: { proof: { request } },
    }))
    await noneOpens(run, doors, kindsFor(doors))
  },
)

/** Spellings that servers take for the same path, and rules do not. */
const strongest = ['trailing-slash', 'below', 'dot-segments', 'double-slash', 'case', 'encoded-letters']
const rows = spellings.filter(({ id }) => strongest.includes(id))

check(
  'client-cert.bad-paths',
  {
    ...base,
    title: 'another spelling of a protected path is turned away with a bad certificate',
    connections: 72,
    needs: ['enforce', 'defect:self-signed'],
    grounds: [
      'measured: HAProxy 2.6 with ssl_c_used and a rule by path_beg',
      'RFC 3986 §6.2.2',
      'catalogue CRT-03',
      'catalogue PTH-03',
    ],
    killedBy: ['edge.any-certificate-at-path-spellings'],
    why: `A rule that verifies names a path as it is usually written; the same path with an encoded letter or one more slash falls to the rule that asks for any certificate. ${presence}`,
    sends:
      'The protected paths with a slash or more behind them, with dot segments, two slashes, another case and encoded letters, each with a self-signed certificate that has the subject of a valid one.',
  },
  async (run) =>
    noneOpens(
      run,
      protectedPaths(run).flatMap((path) => pathDoors(run, path)),
      ['self-signed'],
    ),
)

function pathDoors({ target }: CheckContext, path: string): Door[] {
  const request = target.requests.find((one) => one.path.split('?', 1)[0] === path)
  const proof = path === target.canary || request === undefined ? {} : { proof: { request } }
  return rows
    .flatMap(({ variants }) => variants(path))
    .map((variant) => ({
      what: `GET ${variant.path}`,
      wanted: { ...proof, method: 'GET', path: `${variant.path}?challenge={challenge}` },
    }))
}

check(
  'client-cert.bad-names',
  {
    ...base,
    title: 'no other name or spelling of it leads to the application with a bad certificate',
    connections: 44,
    needs: ['enforce', 'defect:self-signed'],
    grounds: [
      'measured: nginx 1.22, default_server with optional_no_ca',
      'catalogue CRT-03',
      'catalogue TLS-14, TLS-17, TLS-18',
    ],
    killedBy: ['edge.any-certificate-at-host-spellings'],
    why: `No SNI, an unknown one, an address or another spelling as Host lead to the default server, which has rules of its own. ${presence}`,
    sends:
      'A self-signed certificate that has the subject of a valid one: with the Host in capitals, with a dot, with a port; with the SNI in capitals, with a dot, of a random name, with none; with a random name and with the address as Host.',
  },
  async (run) => noneOpens(run, nameDoors(run), ['self-signed']),
)

function nameDoors({ target: { hostname }, facts }: CheckContext): Door[] {
  const stranger = nameBeside(hostname)
  const host = addressAsHost(facts)
  const mayBeAnother = true
  return [
    ...hostSpellings.map(({ write }) => ({
      what: `Host ${write(hostname)}`,
      wanted: { host: write(hostname) },
    })),
    ...sniSpellings.map(({ write }) => ({
      what: `SNI ${write(hostname)}`,
      wanted: { servername: write(hostname) },
    })),
    { what: 'no SNI', wanted: { servername: false }, mayBeAnother },
    { what: `SNI ${stranger}`, wanted: { servername: stranger }, mayBeAnother },
    { what: `SNI and Host ${stranger}`, wanted: { servername: stranger, host: stranger }, mayBeAnother },
    ...(host === undefined
      ? []
      : ([
          { what: `Host ${host}`, wanted: { host }, mayBeAnother },
          { what: `Host ${host}, no SNI`, wanted: { servername: false, host }, mayBeAnother },
        ] as const)),
  ]
}

check(
  'client-cert.bad-listeners',
  {
    ...base,
    title: 'every other address and TLS port turns bad certificates away',
    connections: many,
    needs: ['enforce', 'defect:self-signed'],
    grounds: [
      'measured: nginx 1.22, a second listener with optional_no_ca',
      'catalogue CRT-03',
      'catalogue TLS-23',
    ],
    killedBy: ['edge.any-certificate-on-other-port'],
    why: `A second listener is a second configuration. ${presence}`,
    sends: `One request to each other address of the name, and to each port of \`ports.tls\`, with ${whose}.`,
  },
  async (run) => {
    const doors = listenerDoors(run)
    if (doors.length === 0) run.skip('the name has one address, and there is no other port: needs ports.tls')
    await noneOpens(run, doors, kindsFor(doors))
  },
)

/** All addresses but a single one: which of several the plain request goes to is not known. */
function listenerDoors({ target, facts: { addresses }, deployment: { ports } }: CheckContext): Door[] {
  const others = addresses.length > 1 ? addresses : []
  return [
    ...others.map((address) => ({ what: address, wanted: { target: { ...target, address } } })),
    ...ports.tls.map((port): Door => ({ what: `port ${port}`, wanted: { port }, mayBeAnother: true })),
  ]
}
