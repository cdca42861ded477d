import { serviceTokenHeaders } from '../../fixtures/access.ts'
import { type CheckMeta, check } from '../../fixtures/catalogue.ts'
import type { CheckContext } from '../../fixtures/context.ts'
import type { ServiceToken } from '../../harness/deployment/types.ts'
import { oneCharacterChanged, otherCase, type Pair, pair, randomSecret, unknownToken } from './pairs.ts'
import { askForToken, compareExactly } from './remedy.ts'

const base = {
  severity: 'critical',
  kind: 'must',
  profile: 'quick',
  needs: ['access.service-token'],
  remediation: compareExactly,
} as const satisfies Partial<CheckMeta>

const documented = 'cloudflare-one service tokens'

check(
  'service-token.none',
  {
    ...base,
    title: 'a request without any credentials is turned away by Access',
    needs: ['access'],
    grounds: [documented, 'catalogue SVC-01'],
    killedBy: ['access.passes-without-credentials'],
    why: 'The basic promise. A Bypass policy, a path that no application covers, or a Worker in front of it breaks it without a trace: bypassed requests are not logged.',
    sends: 'A request without certificate, cookie and token; beside it one with the service token.',
    expects: 'A redirect to the login of the team, 401 or 403; never the application.',
    remediation: askForToken,
  },
  async (run) => {
    await run.refused({ target: run.accessTarget(), label: 'no credentials' }, await run.accessTwin())
  },
)

check(
  'service-token.accepted',
  {
    ...base,
    severity: 'high',
    title: 'the service token is let in',
    grounds: [documented, 'catalogue §6 rule 1 (positive control)'],
    killedBy: ['access.refuses-service-tokens'],
    why: 'Every refusal below proves something only beside a token that is let in; and jobs that are locked out are an outage.',
    sends: 'A request with Client ID and secret.',
    expects: 'The application.',
    remediation: askForToken,
  },
  async (run) => {
    await run.allowed(
      (await run.accessTwin({ label: 'the service token' })) ?? run.skip('needs access.serviceToken'),
    )
  },
)

/** Each pair must be refused as one without credentials is, beside the good one. */
async function allRefused(run: CheckContext, pairs: readonly Pair[], needsTwin: boolean): Promise<void> {
  const target = run.accessTarget()
  await run.onlyIfClosed(target)
  for (const { what, headers } of pairs) {
    const identity = target.access.with === 'access-and-mtls' ? await run.valid(target) : undefined
    const twin = needsTwin || target.access.serviceToken !== undefined ? await run.accessTwin() : undefined
    const wanted = { target, headers, label: what, ...(identity === undefined ? {} : { identity }) }
    await run.refused(wanted, twin)
  }
}

interface Row extends Pick<CheckMeta, 'title' | 'grounds' | 'killedBy' | 'why' | 'sends'> {
  id: string
  severity?: CheckMeta['severity']
  profile?: CheckMeta['profile']
  pairs(token: ServiceToken): readonly Pair[]
}

const withToken: readonly Row[] = [
  {
    id: 'id-only',
    title: 'a Client ID without its secret is refused',
    grounds: [documented, 'catalogue SVC-02'],
    killedBy: ['access.ignores-token-secret'],
    why: 'The Client ID is no secret: it is in logs, in the dashboard and in the token’s own claims.',
    sends: 'The Client ID alone, and with an empty secret.',
    pairs: (token) => [
      { what: 'the Client ID alone', headers: serviceTokenHeaders(token).slice(0, 1) },
      pair('an empty secret', token, { secret: '' }),
    ],
  },
  {
    id: 'secret-only',
    title: 'a secret without its Client ID is refused',
    grounds: [documented, 'catalogue SVC-02'],
    killedBy: ['access.secret-is-enough'],
    why: 'A gateway that searches by secret turns one lucky guess into access as somebody.',
    sends: 'The secret alone, and with an empty Client ID.',
    pairs: (token) => [
      { what: 'the secret alone', headers: serviceTokenHeaders(token).slice(1) },
      pair('an empty Client ID', token, { id: '' }),
    ],
  },
  {
    id: 'wrong-secret',
    title: 'a wrong secret of the right form is refused',
    grounds: [documented, 'catalogue SVC-03'],
    killedBy: ['access.ignores-token-secret'],
    why: 'The secret is the whole proof.',
    sends: 'The Client ID with another secret of the same form.',
    pairs: (token) => [pair('another secret', token, { secret: randomSecret() })],
  },
  {
    id: 'near-secret',
    title: 'a secret that is almost right is refused',
    grounds: [documented, 'catalogue SVC-03'],
    killedBy: ['access.ignores-token-secret'],
    why: 'Comparisons that stop early, fold case or ignore the end make a secret guessable piece by piece.',
    sends:
      'The secret with one character changed, without its last character, and with every letter in the other case.',
    pairs: (token) => [
      pair('one character changed', token, { secret: oneCharacterChanged(token.secret) }),
      pair('the last character missing', token, { secret: token.secret.slice(0, -1) }),
      pair('letters in the other case', token, { secret: otherCase(token.secret) }),
    ],
  },
  {
    id: 'extended-secret',
    title: 'a secret with more behind it is refused',
    grounds: [documented, 'catalogue SVC-03', 'golang.org/x/crypto issue 36546 (bcrypt stops at 72 bytes)'],
    killedBy: ['access.secret-cut-to-length', 'access.ignores-token-secret'],
    why: 'A verifier that cuts what it compares accepts other secrets than the one given out.',
    sends: 'The secret and one more character.',
    pairs: (token) => [pair('one character more', token, { secret: `${token.secret}A` })],
  },
  {
    id: 'swapped',
    title: 'Client ID and secret in each other’s header are refused',
    grounds: ['catalogue SVC-04'],
    killedBy: ['access.takes-swapped-token'],
    why: 'Whoever looks among both values for both values also takes halves of different tokens, and writes secrets to logs as names.',
    sends: 'The secret as Client ID and the Client ID as secret.',
    pairs: ({ id, secret }) => [pair('swapped', { id: secret, secret: id })],
  },
  {
    id: 'escaped',
    severity: 'low',
    profile: 'default',
    title: 'a quoted or percent-encoded service token is refused',
    grounds: ['RFC 9110 §5.5', 'catalogue SVC-06'],
    killedBy: ['access.decodes-token-headers', 'access.secret-cut-to-length', 'access.ignores-token-secret'],
    why: 'Header values are not encoded. A component that decodes them and one that does not see two different tokens in one request.',
    sends: 'Client ID and secret in double quotes; percent-encoded; with a letter outside ASCII behind.',
    pairs: ({ id, secret }) => [
      pair('in quotes', { id: `"${id}"`, secret: `"${secret}"` }),
      pair('percent-encoded', { id: id.replace('.', '%2E'), secret: secret.replace('_', '%5F') }),
      pair('a letter outside ASCII', { id, secret: `${secret}é` }),
    ],
  },
]

for (const { id, pairs, ...texts } of withToken) {
  check(
    `service-token.${id}`,
    {
      ...base,
      ...texts,
      expects: 'Refused as a request without credentials is, while the good pair is let in.',
    },
    async (run) => {
      const token = run.accessTarget().access.serviceToken ?? run.skip('needs access.serviceToken')
      await allRefused(run, pairs(token), true)
    },
  )
}

const blackBox: readonly (Omit<Row, 'pairs'> & { pairs(): readonly Pair[] })[] = [
  {
    id: 'unknown',
    title: 'a service token that nobody was given is refused',
    grounds: [documented, 'catalogue SVC-03'],
    killedBy: ['access.takes-unknown-token'],
    why: 'A look-up that finds nothing must end in a refusal. The edge does not log unknown Client IDs: nobody would notice.',
    sends: 'A Client ID and secret of the right form, made up for this run.',
    pairs: () => [pair('an unknown token', unknownToken())],
  },
  {
    id: 'placeholders',
    severity: 'high',
    title: 'placeholders of unset variables are no service token',
    grounds: ['catalogue SVC-05'],
    killedBy: ['access.takes-placeholder-token'],
    why: 'A gateway whose own configuration was never filled in compares undefined with undefined, and everybody is in.',
    sends: 'Empty values, null, undefined, 0, * and [] as Client ID and secret.',
    pairs: () =>
      ['', 'null', 'undefined', '0', '*', '[]'].map((text) =>
        pair(text === '' ? 'empty values' : text, { id: text, secret: text }),
      ),
  },
]

for (const { id, pairs, ...texts } of blackBox) {
  check(
    `service-token.${id}`,
    {
      ...base,
      needs: ['access'],
      ...texts,
      expects: 'Refused as a request without credentials is.',
    },
    async (run) => allRefused(run, pairs(), false),
  )
}

check(
  'service-token.crossed',
  {
    ...base,
    needs: ['access.service-token', 'access.other-service-token'],
    title: 'the secret of one service token is no good with the Client ID of another',
    grounds: ['catalogue SVC-04'],
    killedBy: ['access.secret-of-any-token'],
    why: 'Both halves are genuine. Where they are checked one by one, every holder of any token is every other.',
    sends: 'The Client ID that is let in with the secret of another token of the team.',
    expects: 'Refused as a request without credentials is, while the good pair is let in.',
  },
  async (run) => {
    const { serviceToken, otherServiceToken } = run.accessTarget().access
    if (serviceToken === undefined || otherServiceToken === undefined)
      return run.skip('needs access.otherServiceToken')
    const crossed = { id: serviceToken.id, secret: otherServiceToken.secret }
    await allRefused(run, [pair('another token’s secret', crossed)], true)
  },
)
