/**
 * `harness load flood --emit k6-operator`: the same flood as resources for a Kubernetes cluster, with the certificates that its
 * Secrets are made of.
 * @module
 */
import { join } from 'node:path'
import { shares, sweepOf } from '../../../load/flood/steps.ts'
import { emitTestRun, type OperatorLane } from '../../../load/k6/operator.ts'
import { connectTo } from '../../../load/k6/run.ts'
import { allowElsewhere, checkIntent } from '../../../load/safety/target.ts'
import { targetUrl } from '../../../load/safety/url.ts'
import { type ExitCode, exitCodes, HarnessError } from '../../errors.ts'
import { type OutputFile, writeFiles } from '../certs/files.ts'
import { ensureFolder } from '../folder.ts'
import { identitiesOf } from './identities.ts'
import type { LoadFloodOptions } from './options.ts'
import { ownTarget } from './target.ts'

/** Writes them. @throws HarnessError ERR_USAGE where there is no target, it may not be loaded, or a name is impossible. */
export async function emitFlood(text: string | undefined, options: LoadFloodOptions): Promise<ExitCode> {
  if (text === undefined)
    throw new HarnessError('ERR_USAGE', '--emit needs a target: the lab ends with this command', {
      hint: 'harness load flood origin.example.com:443 --emit k6-operator …',
    })
  const place = await ownTarget(text, options, allowElsewhere)
  const left: { name: string; reason: string }[] = []
  const { valid, profiles } = await identitiesOf(place, options.profiles, left)
  const sweep = sweepOf(options.rates)
  const seconds = options.step / 1000
  const total =
    sweep.reduce((sum, rate) => sum + rate * seconds, 0) + options.victims * sweep.length * seconds
  checkIntent(
    { rate: Math.max(...sweep) + options.victims, count: total, seconds: sweep.length * seconds },
    place.allowed,
  )
  const env = options.tls === undefined ? {} : { env: { LOAD_TLS: options.tls } }
  const lanes: OperatorLane[] = [
    {
      id: 'victims',
      profile: 'valid',
      script: 'valid',
      rate: { rate: options.victims, seconds: sweep.length * seconds },
      certificate: true,
      ...env,
    },
    ...profiles.map(
      ({ id, identity }, at): OperatorLane => ({
        id: `flood-${id}`,
        profile: id,
        script: 'flood',
        rate: {
          stages: sweep.map((rate) => ({ rate: shares(rate, profiles.length)[at] ?? 0, seconds })),
        },
        certificate: identity !== undefined,
        ...env,
      }),
    ),
  ]
  const yaml = emitTestRun({
    name: options.name,
    ...(options.namespace === undefined ? {} : { namespace: options.namespace }),
    url: targetUrl(place, place.path),
    connect: connectTo(place.allowed),
    parallelism: options.parallelism,
    lanes,
  })
  await ensureFolder(options.out)
  const identities = [
    { id: 'victims', identity: valid },
    ...profiles.map((one) => ({ ...one, id: `flood-${one.id}` })),
  ]
  const file = (name: string, content: string): OutputFile => ({
    path: join(options.out, name),
    content,
    secret: true,
  })
  const files = [
    file(`${options.name}.yaml`, yaml),
    ...identities.flatMap(({ id, identity }) =>
      identity === undefined ? [] : [file(`${id}.pem`, identity.cert), file(`${id}-key.pem`, identity.key)],
    ),
  ]
  // What lies there, a link too, is replaced and never written through: another one's folder must not get our keys.
  await writeFiles(files, true)
  process.stdout.write(`${files.map(({ path }) => path).join('\n')}\n`)
  for (const { name, reason } of left) process.stderr.write(`harness: ${name} is left out: ${reason}\n`)
  return exitCodes.ok
}
