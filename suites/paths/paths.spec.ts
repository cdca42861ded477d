import { type CheckMeta, check } from '../../fixtures/catalogue.ts'
import { nowhere } from '../../harness/probe/nowhere.ts'
import { coverEverything } from '../remedies.ts'
import { closed, declaredPath, protectedPaths, siteOf } from './closed.ts'
import { dressings } from './dressings.ts'
import { malformed } from './malformed.ts'
import { answered, each, type Row } from './row.ts'
import { exemptions, spellings } from './spellings.ts'
import { writtenAsExempt } from './written-as-exempt.ts'

const base = {
  severity: 'high',
  kind: 'must',
  profile: 'default',
  needs: ['enforce'],
  remediation: coverEverything,
  expects:
    'Refused like the plain request, or as malformed. No request reaches the origin: where the canary counts, it has seen none of them.',
} as const satisfies Partial<CheckMeta>

const add = ({ id, variants, once, writes, below, ...meta }: Row): void =>
  check(`paths.${id}`, { ...base, ...meta }, async (run) => {
    const paths = protectedPaths(run).slice(0, once === true ? 1 : 2)
    const [path] = writes === true ? [run.target.canary ?? nowhere()] : []
    const declared = declaredPath(run)
    const more = declared === '' ? [] : (below?.(`${declared}${nowhere()}`) ?? [])
    const site = await siteOf(run)
    const requests = (path === undefined ? paths : [path]).flatMap((one) => variants(one, site))
    await closed(run, [...requests, ...more])
  })

for (const row of [...spellings, ...writtenAsExempt, ...exemptions, ...dressings, ...malformed]) add(row)

check(
  'paths.absolute-form',
  {
    ...base,
    title: 'the same request in absolute-form is closed',
    severity: 'medium',
    grounds: ['RFC 9112 §3.2.2', 'catalogue PTH-18'],
    killedBy: ['edge.open-absolute-form'],
    why: 'Servers have to take absolute-form; rules that look at the raw target see a path that starts with https.',
    sends:
      'The protected path as https://HOST/path and http://HOST/path; as https://HOST/path with Host localhost and 127.0.0.1.',
  },
  async (run) => {
    const host = run.target.hostname
    const [path = '/'] = protectedPaths(run)
    // Where Host decides, against the RFC, another site may answer.
    const odd = ['localhost', '127.0.0.1'].map((other) => ({ path: `https://${host}${path}`, host: other }))
    await closed(run, [...each(`https://${host}${path}`, `http://${host}${path}`), ...answered(...odd)])
  },
)
