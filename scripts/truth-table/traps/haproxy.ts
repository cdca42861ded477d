/**
 * Traps of HAProxy. The first line goes behind `bind … ssl crt …` (`{list}` in its place: a crt-list follows in the second),
 * the others into the frontend.
 * @module
 */
import { sibling } from '../../../fixtures/servers/types.ts'
import { unlessPublic } from '../../../suites/remedies.ts'
import { oneName, type Place, type Trap } from './trap.ts'

const required = ({ ca }: Place): string => `ca-file ${ca} verify required`
const optional = ({ ca }: Place): string => `ca-file ${ca} verify optional`
const unverified = (place: Place): string => `${optional(place)} ca-ignore-err all crt-ignore-err all`
const denyUnless = (place: Place, condition: string): string =>
  `${optional(place)}\nhttp-request deny unless ${condition}`

/** The protected hostname and a public one, told apart by SNI. Without tickets there is no session cache either. */
const twoHosts = ({ ca }: Place, tickets = ''): string =>
  `{list}${tickets}\ncert.pem [ca-file ${ca} verify required] mtls.test\ncert.pem [verify none] ${sibling}`
const publicPage = `http-request return status 404 content-type text/plain string "public" if { hdr(host) ${sibling} }`
const asked = 'hdr(host),lower,field(1,:) -m str'
const compared = [
  `http-request deny deny_status 421 if !{ ${asked} mtls.test ${sibling} }`,
  `http-request deny deny_status 421 if { ${asked} mtls.test } !{ ssl_fc_sni mtls.test }`,
  publicPage,
].join('\n')
const publicToo: NonNullable<Trap['declares']> = () => ({
  siblings: [{ hostname: sibling, mtls: { mode: 'off' } }],
})

const unlessName = (condition: string) => (place: Place) =>
  `${required(place)}\nhttp-request deny unless { ${condition} }`
const named = {
  declares: oneName,
  outside: 'hidden',
  good: unlessName('ssl_c_s_dn(,0,rfc2253) -m str CN=sensor-001,O=mtls.test'),
} as const

const common = { server: 'haproxy', good: required } as const

/** A file in the public folder, and no way out of it. */
const publicFile = '{ path_beg /static/ } !{ path -m sub -i .. %2e }'

/** Every one. */
export const haproxyTraps: readonly Trap[] = [
  {
    ...common,
    id: 'expired',
    wrong: 'certificates that have expired are forgiven',
    bad: (place) => `${required(place)} crt-ignore-err 10`,
    finds: ['client-cert.expired-day'],
    outside: 'hidden',
  },
  {
    ...common,
    id: 'server-purpose',
    wrong: 'certificates for servers are let in as clients',
    bad: (place) => `${required(place)} crt-ignore-err 26`,
    finds: ['client-cert.server-auth-only'],
    outside: 'hidden',
  },
  {
    ...common,
    id: 'brought-root',
    wrong: 'one error about chains is forgiven: that they end in a root which is not trusted',
    bad: (place) => `${required(place)} ca-ignore-err 19`,
    finds: ['client-cert.unknown-ca-with-root'],
    outside: 'found',
  },
  {
    ...common,
    id: 'brought-intermediate',
    wrong: 'one error about chains is forgiven: that the issuer of an intermediate is not found',
    bad: (place) => `${required(place)} ca-ignore-err 20`,
    finds: ['client-cert.unknown-ca-with-intermediate'],
    outside: 'found',
  },
  {
    ...common,
    id: 'subject-only',
    wrong: 'who has the right organisation in the subject is let in, whoever signed it',
    bad: (place) => `${unverified(place)}\nhttp-request deny unless { ssl_c_s_dn(O) -m str mtls.test }`,
    finds: ['client-cert.self-signed', 'client-cert.unknown-ca', 'client-cert.impostor-ca'],
    outside: 'hidden',
  },
  {
    ...common,
    id: 'issuer-name',
    wrong: 'who has the right issuer name is let in, whoever signed it',
    bad: (place) => `${unverified(place)}\nhttp-request deny unless { ssl_c_i_dn(CN) -m str "Client CA" }`,
    finds: ['client-cert.impostor-ca', 'client-cert.impostor-ca-other-ski'],
    outside: 'found',
  },
  {
    ...common,
    id: 'presence-beside-prefix',
    wrong: 'any certificate will do, and it is verified for paths as they are usually written',
    bad: (place) =>
      `${unverified(place)}\nhttp-request deny unless { ssl_c_used }\nhttp-request deny if { path / } !{ ssl_c_verify 0 }\nhttp-request deny if { path_beg /api } !{ ssl_c_verify 0 }`,
    finds: ['client-cert.bad-paths'],
    outside: 'found',
  },
  {
    ...common,
    id: 'host-as-written',
    wrong: 'the rule is about the Host exactly as it is usually written',
    bad: (place) => `${optional(place)}\nhttp-request deny if { hdr(host) -m str mtls.test } !{ ssl_c_used }`,
    finds: ['tls.host-upper-case', 'tls.host-trailing-dot', 'tls.host-with-port'],
    outside: 'found',
  },
  {
    ...common,
    id: 'sni-decides',
    wrong: 'the certificate is asked for by SNI, the application chosen by Host, and nobody compares',
    bad: (place) => `${twoHosts(place, ' no-tls-tickets')}\n${publicPage}`,
    good: (place) => `${twoHosts(place, ' no-tls-tickets')}\n${compared}`,
    finds: ['tls.sni-of-public-sibling'],
    outside: 'found',
    declares: publicToo,
  },
  {
    ...common,
    id: 'session-of-public-host',
    wrong: 'SNI and Host are compared, but a session of the public hostname is resumed on the protected one',
    bad: (place) => `${twoHosts(place)}\n${compared}`,
    good: (place) => `${twoHosts(place, ' no-tls-tickets')}\n${compared}`,
    finds: ['resumption.from-public-sibling'],
    outside: 'found',
    declares: publicToo,
  },
  {
    ...common,
    id: 'health-open',
    wrong: 'the health path is exempt and leads to the application',
    bad: (place) => denyUnless(place, '{ ssl_c_used } || { path /healthz }'),
    finds: ['paths.health'],
    outside: 'hidden',
  },
  {
    ...common,
    id: 'public-prefix',
    wrong: 'what begins with the name of a public folder is exempt, and the application takes the dots out',
    bad: (place) => denyUnless(place, '{ ssl_c_used } || { path_beg /static/ }'),
    good: (place) =>
      `${denyUnless(place, `{ ssl_c_used } || ${publicFile}`)}\nhttp-request return status 404 content-type text/plain string "no such file" if ${publicFile}`,
    finds: ['paths.static-folders'],
    outside: 'found',
  },
  {
    ...common,
    id: 'http2-open',
    wrong: 'HTTP/2 is exempt',
    bad: (place) => denyUnless(place, '{ ssl_c_used } || { fc_http_major 2 }'),
    finds: ['client-cert.none-http2'],
    outside: 'found',
  },
  {
    ...common,
    id: 'probe-open',
    wrong: 'whoever calls itself a health probe is let in',
    bad: (place) => denyUnless(place, '{ ssl_c_used } || { req.hdr(user-agent) -m sub kube-probe }'),
    finds: ['paths.health-probe'],
    outside: 'found',
  },
  {
    ...common,
    id: 'own-origin',
    wrong: 'scripts of the own site are exempt, and a header says whose they are',
    bad: (place) => denyUnless(place, '{ ssl_c_used } || { req.hdr(origin) -m end mtls.test }'),
    finds: ['paths.header-switches'],
    outside: 'found',
  },
  {
    ...common,
    id: 'delete-below',
    wrong: 'DELETE is let through below one path, where another service answered once',
    bad: (place) => denyUnless(place, '{ ssl_c_used } || { method DELETE } { path_beg /api/ }'),
    finds: ['paths.writing-methods'],
    outside: 'hidden',
  },
  {
    ...common,
    id: 'method-override',
    wrong: 'a header names the method that the rule looks at',
    bad: (place) => denyUnless(place, '{ ssl_c_used } || { req.hdr(x-http-method-override) -m str OPTIONS }'),
    finds: ['paths.method-override'],
    outside: 'found',
  },
  {
    ...common,
    ...named,
    id: 'any-name',
    wrong: 'one certificate of the CA is meant, and all of them are let in',
    bad: required,
    finds: ['client-cert.other-name'],
  },
  {
    ...common,
    ...named,
    id: 'name-until-nul',
    // `-m str` compares as C does, whatever the length; as RFC 2253 the zero byte is written out.
    wrong: 'the common name is compared as such, up to its first zero byte',
    bad: unlessName('ssl_c_s_dn(CN) -m str sensor-001'),
    finds: ['client-cert.name-nul'],
  },
  {
    ...common,
    ...named,
    id: 'name-by-suffix',
    wrong: 'the common name is compared by its end',
    bad: unlessName('ssl_c_s_dn(CN) -m end sensor-001'),
    finds: ['client-cert.name-suffix'],
  },
  {
    ...common,
    ...named,
    id: 'name-in-subject',
    wrong: 'the name is looked for anywhere in the subject',
    bad: unlessName('ssl_c_s_dn -m sub sensor-001'),
    finds: ['client-cert.name-elsewhere'],
  },
  {
    ...common,
    id: 'public-sibling-down',
    wrong: 'the rule of one hostname stands in the frontend of several: the public one is down',
    bad: (place) => `${denyUnless(place, '{ ssl_c_used } { ssl_c_verify 0 }')}\n${publicPage}`,
    // The remedy, as it is given.
    good: (place) =>
      `${denyUnless(place, `{ ssl_c_used } { ssl_c_verify 0 } ${unlessPublic.replace('<PUBLIC HOST>', sibling)}`)}\n${publicPage}`,
    finds: ['reach.public-siblings'],
    outside: 'hidden',
    declares: publicToo,
  },
  {
    ...common,
    id: 'path-case',
    wrong: 'the rule tells upper from lower case in paths, the application does not',
    bad: (place) =>
      `${optional(place)}\nhttp-request deny if { path / } !{ ssl_c_used }\nhttp-request deny if { path_beg /api } !{ ssl_c_used }`,
    finds: ['paths.case'],
    outside: 'found',
  },
]
