import { test } from 'node:test'
import { assertRefused, type Expected, scratch } from './testing.ts'

const directory = scratch()

/** `»` marks where the problem is said to be. */
function refused(what: string, lines: string, says: RegExp, expected?: Expected): void {
  test(`refused: ${what}`, () => assertRefused(directory, lines, says, expected))
}

refused(
  'unknown key',
  'mtls:\n  mode: off\n  »identites: []',
  /^unknown key `identites` in mtls; did you mean `identities`\?$/,
)
refused('unknown key at the top', '»Conect: a:1', /^unknown key `Conect`; did you mean `connect`\?$/)
refused(
  'key in another spelling',
  'mtls: { mode: off, refusal: { »content-type: a/b } }',
  /^unknown key `content-type` in mtls\.refusal; did you mean `contentType`\?$/,
)
refused('key like nothing known', '»wibble: 1', /^unknown key `wibble`; known here: .*hostname, connect/)
refused('key in the wrong place', '»mode: enforce', /^unknown key `mode`; it belongs in `mtls`$/)
refused('access elsewhere', 'mtls: { mode: off, »access: {} }', /^unknown key `access` in mtls/)
refused('part of access', '»audience: x', /^unknown key `audience`; it belongs in `access`$/)
refused('part of origin', '»pulls: zone', /^unknown key `pulls`; it belongs in `origin`$/)
refused('part of controlPlane', '»account: x', /^unknown key `account`; it belongs in `controlPlane`$/)

refused('number for text', 'canary: »7', /^canary: `7` is not a path that starts with \/$/)
refused('list for text', 'trust:\n  »- a.pem', /^trust: a list is not the path of a PEM file$/)
refused('text for a mapping', 'mtls: »enforce', /^mtls: `enforce` is not a mapping with mode$/)
refused('mapping for a list', 'siblings: »{ a: b }', /^siblings: a mapping is not a list of hostnames$/)
refused('nothing after the key', '»mtls:', /^mtls: is empty; expected a mapping with mode$/)
refused(
  'enum',
  'mtls:\n  mode: »enforced',
  /^mtls\.mode: `enforced` is not one of enforce, report, off; did you mean enforce\?$/,
)
refused(
  'enum, far from all',
  'mtls: { mode: »strict-please }',
  /`strict-please` is not one of enforce, report, off$/,
)
refused('missing at the top', '»connect: 127.0.0.1:1', /^missing key `hostname`$/, { first: '# nothing\n\n' })
refused('missing in a mapping', '»mtls:\n  identities: []', /^missing key `mode` in mtls$/)
refused(
  'missing in a list item',
  'mtls:\n  mode: off\n  identities:\n    - »name: one',
  /^missing keys `cert` and `key` in mtls\.identities\[0\]$/,
)
refused('duplicate key', '»hostname: b.example', /^`hostname` is given twice; the first is on line 1$/)
refused(
  'duplicate key inside',
  'ports:\n  tls: [1]\n  »tls: [2]',
  /^`tls` is given twice; the first is on line 3$/,
)
refused('key that is not text', '? »[a]\n: 1', /^a key must be text$/)

refused('URL as hostname', '', /give the hostname only: b\.example$/, {
  first: 'hostname: »https://b.example/x\n',
})
refused('number as hostname', '', /^hostname: `7` is not a hostname$/, { first: 'hostname: »7\n' })
refused('connect without port', 'connect: »127.0.0.1', /^connect: `127\.0\.0\.1` has no port$/)
refused('canary without slash', 'canary: »echo', /^canary: `echo` is not a path that starts with \/$/)
refused('control characters', 'canary: »"\\e[2Jx"', /^canary: `\?\[2Jx` is not a path/)
refused(
  'pattern that matches all',
  'requests: [{ path: /, allowed: »{} }]',
  /^requests\[0\]\.allowed: is empty; expected a mapping/,
)
refused(
  'empty text',
  'requests: [{ path: /, allowed: { »bodyContains: "" } }]',
  /bodyContains: is empty; expected text$/,
)
refused(
  'status in a list',
  'requests: [{ path: /, allowed: { status: [200, »600] } }]',
  /status\[1\]: `600` is not an HTTP status/,
)
refused(
  'status',
  'mtls: { mode: off, refusal: { status: »"403" } }',
  /^mtls\.refusal\.status: `403` is not an HTTP status/,
)
refused(
  'method',
  'requests: [{ path: /, method: »get, allowed: { status: 200 } }]',
  /`get` is not an HTTP method in capitals/,
)
refused(
  'header name',
  'requests: [{ path: /, allowed: { headers: { »"x y": "" } } }]',
  /^`x y` in requests\[0\]\.allowed\.headers is not a header name$/,
)
refused(
  'forwarded field',
  'mtls: { mode: off, forwarded: { »sky: cf-cert-ski } }',
  /unknown key `sky` in mtls\.forwarded; did you mean `ski`/,
)
refused(
  'forwarded header',
  'mtls: { mode: off, forwarded: { ski: »"cf cert" } }',
  /ski: `cf cert` is not a header name$/,
)
refused(
  'forwarded header twice',
  'mtls: { mode: off, forwarded: { status: X-A, ski: »x-a } }',
  /ski: is the same header as status$/,
)
refused(
  'body twice',
  'mtls: { mode: off, refusal: { »body: text.pem, bodyText: x } }',
  /body: cannot be used together with `bodyText`/,
)
refused(
  'pfx and cert',
  'mtls:\n  mode: off\n  identities:\n    - name: a\n      »cert: c.pem\n      pfx: ./no.p12',
  /cert: cannot be used together with `pfx`/,
  { others: 1 },
)
refused(
  'passphrase without key',
  'mtls: { mode: off, ca: { cert: text.pem, »passphrase: "${SECRET}" } }',
  /`passphrase` is of no use without `key`$/,
  { others: 1 },
)
refused(
  'identity name twice',
  'mtls:\n  mode: off\n  identities:\n    - { name: a, pfx: no.p12 }\n    - { name: »a, pfx: no.p12 }',
  /name: already the name of identity 1$/,
  { others: 2 },
)

refused(
  'sibling twice',
  'siblings: [b.example, »B.example]',
  /^siblings\[1\]: is the same hostname as siblings\[0\]$/,
)
refused(
  'sibling is the deployment',
  'siblings:\n  - hostname: »a.example',
  /is the same hostname as the deployment itself$/,
)
refused(
  'sibling of a wrong type',
  'siblings: [»5]',
  /^siblings\[0\]: `5` is not a hostname, or a mapping with hostname$/,
)
refused(
  'sibling without hostname',
  'siblings: [»{ connect: "a:1" }]',
  /^missing key `hostname` in siblings\[0\]$/,
)
refused(
  'sibling that is a URL',
  'siblings: [»"http://b.example"]',
  /^siblings\[0\]: .*give the hostname only: b\.example$/,
)
refused('port', 'ports: { tls: [»70000] }', /^ports\.tls\[0\]: `70000` is not a port, 1 to 65535$/)
refused('port twice', 'ports: { plain: [80, »80] }', /^ports\.plain: the same value is given twice$/)
refused('deadline', 'deadline: »soon', /^deadline: is not a duration/)
refused('deadline of 5 ms', 'deadline: »5', /^deadline: is not a duration/)
refused(
  'date that does not exist',
  'waivers:\n  - { check: a.b, until: »2027-02-30, reason: r }',
  /^waivers\[0\]\.until: `2027-02-30` is not a date/,
)
refused(
  'waiver without reason',
  'waivers:\n  - »{ check: a.b, until: 2027-02-03 }',
  /^missing key `reason` in waivers\[0\]$/,
)
refused(
  'check id',
  'waivers: [{ check: »Resumption, until: 2027-02-03, reason: r }]',
  /check: `Resumption` is not a check id/,
)
