import { setTimeout as wait } from 'node:timers/promises'
import { tokenOf } from '../../fixtures/access.ts'
import { type CheckMeta, check } from '../../fixtures/catalogue.ts'
import type { CheckContext } from '../../fixtures/context.ts'
import { type Drill, type DrillOptions, drill } from '../../fixtures/drill.ts'
import type { Try } from '../../fixtures/environment.ts'
import { endToken } from './remedy.ts'

const base = {
  severity: 'high',
  kind: 'must',
  profile: 'staging',
  needs: ['access', 'control-plane'],
  remediation: endToken,
} as const satisfies Partial<CheckMeta>

const documented = 'cloudflare-one service tokens'
const setUp =
  'Through the control plane: an application at a path nobody uses (HOST/harness-drill-…) and two service tokens for it, all taken away again. Then: '

interface Row extends Pick<CheckMeta, 'title' | 'grounds' | 'killedBy' | 'why' | 'sends' | 'expects'> {
  id: string
  severity?: CheckMeta['severity']
  options?: DrillOptions
  body(run: CheckContext, given: Drill): Promise<void>
}

/** Refused once the change has arrived, while the token that nothing was done to is let in. */
async function ends(run: CheckContext, { keeper, asking, untilRefused }: Drill, wanted: Try): Promise<void> {
  const started = Date.now()
  await untilRefused(wanted)
  const seconds = ((Date.now() - started) / 1000).toFixed(1)
  const { summary } = await run.refused(wanted, asking('the good twin: a token left alone', keeper))
  run.hold(`${summary} (after ${seconds} s)`)
}

/** The session that a good token is answered with. */
async function sessionOf(run: CheckContext, { token, asking }: Drill): Promise<string> {
  const outcome = await run.control(asking('the token, for its session', token))
  return tokenOf(outcome) ?? run.skip('the token is answered without CF_Authorization (strict mode)')
}

const hour = 3_600_000

const rows: readonly Row[] = [
  {
    id: 'disabled',
    title: 'a disabled service token is refused',
    grounds: [documented, 'catalogue SVC-15'],
    killedBy: ['access.takes-disabled-token', 'access-api.disable-ignored'],
    why: 'Disabling is what operators reach for when a token has leaked and jobs may still need it tomorrow.',
    sends: 'the token is used, disabled, and used again.',
    expects: 'Let in before, refused after; the seconds it took are stated.',
    async body(run, given) {
      await run.control(given.asking('before', given.token))
      await given.update({ enabled: false })
      await ends(run, given, given.asking('disabled', given.token))
    },
  },
  {
    id: 'disabled-previous',
    title: 'disabling a service token ends its previous secret too',
    grounds: [documented, 'catalogue SVC-15'],
    killedBy: ['access.disabled-token-keeps-old-secret', 'access-api.disable-ignored'],
    why: 'During a rotation two secrets are good. The leaked one is usually the old one.',
    sends: 'the token is rotated with an hour of grace, disabled, and the old secret is used.',
    expects: 'The old secret is let in within the grace, and refused after.',
    async body(run, given) {
      await given.rotate(hour)
      const old = given.asking('the old secret, disabled', given.token)
      await run.control({ ...old, label: 'the old secret within its grace' })
      await given.update({ enabled: false })
      await ends(run, given, old)
    },
  },
  {
    id: 'expired',
    title: 'an expired service token is refused',
    grounds: [documented, 'catalogue SVC-16'],
    killedBy: ['access.takes-expired-token'],
    why: 'The duration is the only end that comes by itself.',
    sends:
      'a token that ends soon (two seconds in a lab, ninety elsewhere) is used at once and after its end.',
    expects: 'Let in at first, refused after.',
    options: { short: true },
    async body(run, given) {
      const wanted = given.asking('expired', given.token)
      await run.control({ ...wanted, label: 'before its end' })
      await wait(given.short)
      await ends(run, given, wanted)
    },
  },
  {
    id: 'deleted',
    severity: 'critical',
    title: 'a deleted service token is refused',
    grounds: [`${documented}: only deletion revokes`, 'catalogue SVC-17'],
    killedBy: ['access-api.delete-leaves-token', 'access.takes-unknown-token'],
    why: 'Deletion is the documented way to revoke. What is deleted can no longer be seen in the dashboard; if it works on, nobody finds it.',
    sends:
      'the token is used, deleted, and used again (the application takes every token, because one that a policy names cannot be deleted).',
    expects: 'Let in before, refused after; the seconds it took are stated.',
    options: { anyToken: true },
    async body(run, given) {
      await run.control(given.asking('before', given.token))
      await given.delete()
      await ends(run, given, given.asking('deleted', given.token))
    },
  },
  {
    id: 'rotated',
    title: 'rotation without grace ends the old secret',
    grounds: [documented, 'catalogue SVC-18'],
    killedBy: ['access-api.rotate-keeps-old-secret', 'access.ignores-token-secret'],
    why: 'After a leak the secret is rotated with “revoke immediately”, and everybody believes that the old one is dead.',
    sends: 'the token is rotated without grace; the old and the new secret are used.',
    expects: 'The new secret is let in, the old one refused.',
    async body(run, given) {
      await run.control(given.asking('before', given.token))
      const fresh = await given.rotate(0)
      await ends(run, given, given.asking('the old secret', given.token))
      await run.allowed(given.asking('the new secret', fresh))
    },
  },
  {
    id: 'rotated-grace',
    severity: 'medium',
    title: 'rotation with grace keeps both secrets good',
    grounds: [documented, 'catalogue SVC-18'],
    killedBy: ['access-api.rotate-ignores-grace'],
    why: 'Jobs are moved to the new secret one after another. A grace that is not kept is an outage of those that come last.',
    sends: 'the token is rotated with an hour of grace; the old and the new secret are used.',
    expects: 'Both are let in.',
    async body(run, given) {
      const fresh = await given.rotate(hour)
      await run.allowed(given.asking('the new secret', fresh))
      await run.allowed(given.asking('the old secret within its grace', given.token))
    },
  },
  {
    id: 'grace-over',
    title: 'after its grace the old secret is refused',
    grounds: [documented, 'catalogue SVC-18'],
    killedBy: ['access.old-secret-for-ever'],
    why: 'A grace without end is no rotation: the leaked secret lives on.',
    sends:
      'the token is rotated with a short grace (two seconds in a lab, ninety elsewhere); the old secret is used within and after it.',
    expects: 'Let in within the grace, refused after.',
    async body(run, given) {
      const old = given.asking('the old secret after its grace', given.token)
      await given.rotate(given.short)
      await run.control({ ...old, label: 'the old secret within its grace' })
      await wait(given.short)
      await ends(run, given, old)
    },
  },
  {
    id: 'cookie-after-disable',
    severity: 'critical',
    title: 'the session of a disabled service token is refused',
    grounds: ['cloudflare-one policies: service tokens are checked continuously', 'catalogue SVC-19'],
    killedBy: ['access.cookie-outlives-service-token', 'access-api.disable-ignored'],
    why: 'Outside strict mode a token is answered with a session of up to a month. If only the token is looked at when it is disabled, whoever kept the cookie stays.',
    sends: 'the token is exchanged for CF_Authorization; the token is disabled and the cookie used.',
    expects: 'The cookie is let in before, and refused after.',
    async body(run, given) {
      const session = { session: await sessionOf(run, given) }
      const wanted = given.asking('the session of a disabled token', session)
      await run.control({ ...wanted, label: 'the session before' })
      await given.update({ enabled: false })
      await ends(run, given, wanted)
    },
  },
]

for (const { id, body, options = {}, sends, ...texts } of rows) {
  check(`service-token.${id}`, { ...base, ...texts, sends: setUp + sends }, (run) =>
    drill(run, options, (given) => body(run, given)),
  )
}
