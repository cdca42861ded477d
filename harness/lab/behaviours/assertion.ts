/**
 * What the lab's own origins and its seeded session rest on.
 * @module
 */
import type { Behaviour } from './behaviour.ts'

/** About origins that verify the assertion, and about the session in the lab's deployment file. */
export const assertionBehaviours: readonly Behaviour[] = [
  {
    what: 'The lab’s origins answer /__harness/whoami only with an assertion that they have verified themselves: RS256, key by kid, issuer, AUD tag, type app, exp, nbf.',
    standing: 'official',
    source: 'cloudflare-one validating-json: signature, issuer and audience are to be verified by the origin',
  },
  {
    what: 'They refuse a global session (type org) and allow 60 seconds of clock difference for nbf, none for exp.',
    standing: 'our choice',
    source: 'nothing was found about how much an origin should allow',
  },
  {
    what: 'harness.yaml of a lab has a global session of alice that began without an identity provider, and the key that signs the team’s tokens.',
    standing: 'our choice',
    source: 'the real service gives its signing key to nobody; a session is had by logging in',
  },
]
