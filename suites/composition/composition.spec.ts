import { serviceTokenHeaders, tokenCookie } from '../../fixtures/access.ts'
import { type CheckMeta, check } from '../../fixtures/catalogue.ts'
import type { CheckContext } from '../../fixtures/context.ts'
import type { Try } from '../../fixtures/environment.ts'
import { type AccessTarget, composedTarget } from '../../fixtures/targets.ts'
import { oneCharacterChanged } from '../service-token/pairs.ts'
import { requireBoth } from './remedy.ts'

const base = {
  severity: 'critical',
  kind: 'must',
  profile: 'quick',
  needs: ['access-and-mtls'],
  remediation: requireBoth,
} as const satisfies Partial<CheckMeta>

const policies = 'cloudflare-one policies: Include is OR, Require is AND'

/** Faults that let requests without a certificate through, whatever else they carry. */
const noCertificate = ['edge.token-excuses-certificate', 'edge.accepts-no-certificate', 'edge.open-in-1.3']

const composed = (run: CheckContext): AccessTarget =>
  composedTarget(run.deployment) ?? run.skip('needs access.with: access-and-mtls')

/** Both proofs together: what every single one is compared with. */
const both = async (run: CheckContext, target: AccessTarget): Promise<Try> =>
  (await run.accessTwin({ target })) ?? run.skip('needs a certificate and a token for this hostname')

const tokenHeaders = (run: CheckContext, { access }: AccessTarget): [string, string][] =>
  serviceTokenHeaders(access.serviceToken ?? run.skip('needs access.serviceToken'))

check(
  'composition.both',
  {
    ...base,
    severity: 'high',
    title: 'a client certificate and a service token together are let in',
    grounds: [policies, 'catalogue CMP-01'],
    killedBy: ['edge.refuses-valid', 'edge.no-certificate-request-1.3', 'access.refuses-service-tokens'],
    why: 'The row of the truth table that must be true: without it the refusals of the others prove nothing.',
    sends: 'The valid certificate and the good service token.',
    expects: 'The application.',
  },
  async (run) => {
    const target = composed(run)
    await run.allowed({ ...(await both(run, target)), label: 'certificate and token' })
  },
)

interface Row extends Pick<CheckMeta, 'title' | 'grounds' | 'killedBy' | 'why' | 'sends'> {
  id: string
  severity?: CheckMeta['severity']
  profile?: CheckMeta['profile']
  needs?: CheckMeta['needs']
  wanted(run: CheckContext, target: AccessTarget): Promise<Try>
}

const rows: readonly Row[] = [
  {
    id: 'certificate-only',
    title: 'a client certificate without a service token is refused',
    grounds: [policies, 'catalogue CMP-01'],
    killedBy: ['access.certificate-is-enough'],
    why: 'Two rules in one Include list are an OR: whoever has one of the two is in. Operators write it so by accident and see nothing wrong, because both together work.',
    sends: 'The valid certificate alone.',
    wanted: async (run, target) => ({ identity: await run.identity('valid', target) }),
  },
  {
    id: 'token-only',
    title: 'a service token without a client certificate is refused',
    grounds: [policies, 'catalogue CMP-01'],
    killedBy: [...noCertificate],
    why: 'A token can be copied out of a log or a pipeline. The certificate’s key is what it was composed with, so that a copy is not enough.',
    sends: 'The good service token without a certificate.',
    wanted: async (run, target) => ({ headers: tokenHeaders(run, target) }),
  },
  {
    id: 'session-only',
    title: 'a session without a client certificate is refused',
    grounds: [policies, 'catalogue CMP-01'],
    killedBy: [...noCertificate],
    why: 'The token of a session is a bearer token: whoever copies the cookie has it. It was given for a request with a certificate and must not replace it.',
    sends: 'A genuine CF_Authorization of this application without a certificate.',
    wanted: async (run, target) => ({ headers: [tokenCookie(await run.applicationToken(target))] }),
  },
  {
    id: 'bad-certificate',
    title: 'a good service token does not make up for a bad client certificate',
    needs: ['access-and-mtls', 'defect:self-signed'],
    grounds: ['catalogue CMP-02'],
    killedBy: ['edge.token-excuses-certificate', 'edge.accepts-self-signed', 'edge.invalid-accepted-in-1.3'],
    why: 'Invalid is another case than absent, and often another branch in the code: one that falls back to the other proof.',
    sends: 'The good service token with a self-signed certificate.',
    wanted: async (run, target) => ({
      identity: await run.identity('self-signed', target),
      headers: tokenHeaders(run, target),
    }),
  },
  {
    id: 'bad-token',
    title: 'a valid client certificate does not make up for a bad service token',
    grounds: ['catalogue CMP-02'],
    killedBy: ['access.certificate-excuses-bad-token', 'access.ignores-token-secret'],
    why: 'Invalid is another case than absent, and often another branch in the code: one that falls back to the other proof.',
    sends: 'The valid certificate with a service token of which one character of the secret is another.',
    wanted: async (run, target) => {
      const { serviceToken } = target.access
      if (serviceToken === undefined) return run.skip('needs access.serviceToken')
      return {
        identity: await run.identity('valid', target),
        headers: serviceTokenHeaders({
          ...serviceToken,
          secret: oneCharacterChanged(serviceToken.secret),
        }),
      }
    },
  },
  {
    id: 'other-token',
    title: 'a valid client certificate does not make up for the service token of another application',
    profile: 'default',
    grounds: ['catalogue CMP-02', 'catalogue SVC-13'],
    killedBy: ['access.any-token-for-one'],
    why: 'The other token is genuine: only the policy tells it from the right one, and a policy that was relaxed for the certificate no longer does.',
    sends:
      'The valid certificate with a genuine service token of the team that this application does not accept.',
    wanted: async (run, target) => ({
      identity: await run.identity('valid', target),
      headers: serviceTokenHeaders(
        target.access.otherServiceToken ?? run.skip('needs access.otherServiceToken'),
      ),
    }),
  },
]

for (const { id, wanted, ...texts } of rows) {
  check(
    `composition.${id}`,
    {
      ...base,
      ...texts,
      expects: 'Refused by the edge or by Access, while both proofs together are let in.',
    },
    async (run) => {
      const target = composed(run)
      await run.onlyIfClosed(target)
      await run.refused({ ...(await wanted(run, target)), target, label: id }, await both(run, target))
    },
  )
}
