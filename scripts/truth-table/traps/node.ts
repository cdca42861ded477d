/**
 * Traps of Node: rules of the application in node-app.ts, by name.
 * @module
 */
import { otherHost, type Trap } from './trap.ts'

const common = { server: 'node', good: () => 'required' } as const

/** Every one. */
export const nodeTraps: readonly Trap[] = [
  {
    ...common,
    id: 'issuer-name',
    wrong: 'the application compares the name of the issuer and does not look at authorized',
    bad: () => 'issuer-name',
    finds: ['client-cert.impostor-ca', 'client-cert.impostor-ca-other-ski'],
    outside: 'found',
  },
  {
    ...common,
    id: 'brought-root',
    wrong: 'the application tolerates chains that end in a root which is not trusted',
    bad: () => 'tolerates SELF_SIGNED_CERT_IN_CHAIN',
    finds: ['client-cert.unknown-ca-with-root'],
    outside: 'found',
  },
  {
    ...common,
    id: 'brought-intermediate',
    wrong: 'the application tolerates chains whose upper end is not found',
    bad: () => 'tolerates UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
    finds: ['client-cert.unknown-ca-with-intermediate'],
    outside: 'found',
  },
  {
    ...common,
    id: 'first-request',
    wrong: 'the application asks once per connection, and remembers that it asked, not the answer',
    bad: () => 'first-request',
    finds: ['client-cert.every-request'],
    outside: 'found',
  },
  {
    ...common,
    id: 'upgrade-open',
    wrong: 'the certificate is looked at where requests are answered; upgrades are handled elsewhere',
    bad: () => 'upgrade-open',
    good: () => 'upgrade-closed',
    finds: ['paths.websocket'],
    outside: 'found',
  },
  {
    ...common,
    id: 'session-of-other-host',
    wrong: 'two hostnames with a CA each share their session tickets',
    bad: () => 'shared-tickets',
    good: () => 'no-tickets',
    finds: ['resumption.from-another-host-1.2', 'resumption.from-another-host-1.3'],
    outside: 'hidden',
    declares: (_, { cert, key }) => ({
      siblings: [
        { hostname: otherHost, mtls: { mode: 'enforce', identities: [{ name: 'theirs', cert, key }] } },
      ],
    }),
  },
]
