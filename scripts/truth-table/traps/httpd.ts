/**
 * Traps of httpd: lines of the virtual host. Every path leads to the page.
 * @module
 */
import { oneName, type Trap } from './trap.ts'

const good = (): string => 'SSLVerifyClient require'
const successful = 'Require expr "%{SSL_CLIENT_VERIFY} == \'SUCCESS\'"'
const inWords = 'ErrorDocument 403 "A valid client certificate is required"'
const unlessName = (condition: string): string =>
  `SSLVerifyClient require\n<Location "/">\nRequire expr "${condition}"\n</Location>`

const common = { server: 'httpd', good } as const

/** Every one. */
export const httpdTraps: readonly Trap[] = [
  {
    ...common,
    id: 'issuer-name',
    wrong: 'who has the right issuer name is let in, whoever signed it',
    bad: () =>
      'SSLVerifyClient optional_no_ca\n<Location "/">\nRequire expr "%{SSL_CLIENT_I_DN_CN} == \'Client CA\'"\n</Location>',
    finds: ['client-cert.impostor-ca', 'client-cert.impostor-ca-other-ski'],
    outside: 'found',
  },
  {
    ...common,
    id: 'limit',
    wrong: 'the rule stands in <Limit GET>: every other method is open',
    bad: () => `SSLVerifyClient optional\n<Location "/">\n<Limit GET>\n${successful}\n</Limit>\n</Location>`,
    finds: ['paths.writing-methods', 'mode.refusal-large-post'],
    outside: 'found',
  },
  {
    ...common,
    id: 'words-for-presence',
    wrong: 'the refusal says that a client certificate is required, and any certificate will do',
    bad: () =>
      `SSLVerifyClient optional_no_ca\n${inWords}\n<Location "/">\nRequire expr "%{SSL_CLIENT_VERIFY} != 'NONE'"\n</Location>`,
    good: () => `SSLVerifyClient optional\n${inWords}\n<Location "/">\n${successful}\n</Location>`,
    finds: ['client-cert.self-signed', 'client-cert.unknown-ca'],
    outside: 'found',
  },
  {
    ...common,
    id: 'name-in-subject',
    wrong: 'one certificate is meant, and its name is looked for anywhere in the subject',
    bad: () => unlessName('%{SSL_CLIENT_S_DN} =~ /sensor-001/'),
    good: () => unlessName("%{SSL_CLIENT_S_DN_CN} == 'sensor-001'"),
    finds: ['client-cert.name-prefix', 'client-cert.name-elsewhere'],
    outside: 'hidden',
    declares: oneName,
  },
  {
    ...common,
    id: 'encoded-slash',
    wrong: 'encoded slashes are let through as they are, and names with one are exempt',
    bad: () =>
      `SSLVerifyClient optional\nAllowEncodedSlashes NoDecode\n<Location "/">\n${successful.replace(/"$/, ' || %{THE_REQUEST} =~ m#%2f#i"')}\n</Location>`,
    // Off by default: answered with 404 before the rule is looked at, whoever asks.
    good: () => `SSLVerifyClient optional\n<Location "/">\n${successful}\n</Location>`,
    finds: ['paths.encoded-slash'],
    outside: 'found',
  },
  {
    ...common,
    id: 'token-open',
    wrong: 'who brings a token is exempt, and nobody looks at it',
    bad: () =>
      `SSLVerifyClient optional\n<Location "/">\n${successful.replace(/"$/, ` || -n %{HTTP:Authorization}"`)}\n</Location>`,
    finds: ['paths.header-switches'],
    outside: 'found',
  },
  {
    ...common,
    id: 'forward-proxy',
    wrong: 'ProxyRequests On: whoever names another server is taken there, which no Location is about',
    bad: () => `ProxyRequests On\nSSLVerifyClient optional\n<Location "/">\n${successful}\n</Location>`,
    good: () => `ProxyRequests Off\nSSLVerifyClient optional\n<Location "/">\n${successful}\n</Location>`,
    finds: ['paths.forward-proxy'],
    outside: 'found',
  },
  {
    ...common,
    id: 'depth-of-path',
    wrong: 'the rule is about /api and the start page, not about what lies beside them',
    bad: () =>
      `SSLVerifyClient optional\n<LocationMatch "^/(api/status)?$">\n${successful}\n</LocationMatch>`,
    finds: ['paths.trailing-slash', 'paths.below'],
    outside: 'found',
  },
]
