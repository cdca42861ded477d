/**
 * A load as custom resources of the k6-operator (`k6.io/v1alpha1` TestRun): one per identity, because tlsAuth is global in
 * k6. The operator cuts each into `parallelism` segments itself; it does not merge results (docs/distributed.md).
 * @module
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { HarnessError } from '../../harness/errors.ts'
import { k6Version } from './find.ts'
import { type ScriptName, scriptPath } from './process.ts'
import { type RatePlan, rateEnv } from './rate.ts'

/** One lane of a distributed load. No key is in it: the Secret is made from files, by the user. */
export interface OperatorLane {
  id: string
  profile: string
  script: Exclude<ScriptName, 'login'>
  rate: RatePlan
  /** The lane has a certificate. */
  certificate: boolean
  /** Further variables without secrets: `LOAD_TLS`. */
  env?: Readonly<Record<string, string>>
}

/** What to emit. */
export interface OperatorPlan {
  /** Name of the run: names of resources begin with it. */
  name: string
  namespace?: string
  url: string
  /** Pods per lane. */
  parallelism: number
  lanes: readonly OperatorLane[]
  /** Image with k6; default the pinned version of grafana/k6. */
  image?: string
}

/** A Kubernetes resource. */
export interface Resource {
  apiVersion: string
  kind: string
  metadata: { name: string; namespace?: string; labels: Record<string, string> }
  [field: string]: unknown
}

const identity = '/identity'

/** The resources: one ConfigMap with the scripts, one TestRun per lane. @throws HarnessError ERR_USAGE for impossible names. */
export function resourcesOf(plan: OperatorPlan): Resource[] {
  const { name, namespace, parallelism, lanes } = plan
  for (const text of [name, ...lanes.map(({ id }) => id)]) checkName(text)
  if (!Number.isInteger(parallelism) || parallelism < 1) {
    throw new HarnessError('ERR_USAGE', `${parallelism} pods are not possible`)
  }
  const metadata = (suffix: string): Resource['metadata'] => ({
    name: `${name}-${suffix}`,
    ...(namespace === undefined ? {} : { namespace }),
    labels: { 'app.kubernetes.io/part-of': 'mtls-access-harness', 'mtls-access-harness/run': name },
  })
  const used = [...new Set(lanes.map(({ script }) => script))]
  const data = Object.fromEntries(
    [...used.map(scriptPath), join(import.meta.dirname, 'scripts', 'settings.ts')].map((path) => [
      path.slice(path.lastIndexOf('/') + 1),
      readFileSync(path, 'utf8'),
    ]),
  )
  const scriptMap: Resource = { apiVersion: 'v1', kind: 'ConfigMap', metadata: metadata('scripts'), data }
  return [scriptMap, ...lanes.map((lane) => testRun(plan, lane, metadata))]
}

function testRun(
  plan: OperatorPlan,
  lane: OperatorLane,
  metadata: (suffix: string) => Resource['metadata'],
): Resource {
  const { name, url, parallelism, image = `grafana/k6:${k6Version}` } = plan
  const secret = secretName(name, lane.id)
  const settings: Record<string, string> = {
    ...lane.env,
    ...rateEnv(lane.rate),
    LOAD_URL: url,
    LOAD_PROFILE: lane.profile,
    ...(lane.certificate
      ? { LOAD_CERT_FILE: `${identity}/tls.crt`, LOAD_KEY_FILE: `${identity}/tls.key` }
      : {}),
  }
  const runner = {
    image,
    env: Object.entries(settings).map(([key, value]) => ({ name: key, value })),
    securityContext: { runAsNonRoot: true, runAsUser: 12_345, fsGroup: 12_345 },
    ...(lane.certificate
      ? {
          // 0440: readable for the group that fsGroup makes k6 a member of, and for nobody else.
          volumes: [{ name: 'identity', secret: { secretName: secret, defaultMode: 0o440 } }],
          volumeMounts: [{ name: 'identity', mountPath: identity, readOnly: true }],
        }
      : {}),
  }
  const { image: _, ...initializer } = runner
  return {
    apiVersion: 'k6.io/v1alpha1',
    kind: 'TestRun',
    metadata: metadata(lane.id),
    spec: {
      parallelism,
      // One pod per node: pods on one machine share its cores and its addresses.
      separate: true,
      quiet: 'true',
      args: ['--out', 'json=/tmp/samples.json', '--summary-mode=full', '--log-output=stderr,level=error'],
      script: { configMap: { name: `${name}-scripts`, file: `${lane.script}.ts` } },
      runner,
      // It reads the script's options, and so needs what they need.
      initializer: { ...initializer, image },
    },
  }
}

/** Name of the Secret (`kubernetes.io/tls`) that holds a lane's certificate and key. */
export const secretName = (run: string, lane: string): string => `${run}-${lane}-identity`

/** RFC 1123 label, as Kubernetes asks for; shorter, since suffixes follow. */
function checkName(text: string): void {
  if (/^[a-z0-9]([-a-z0-9]{0,38}[a-z0-9])?$/.test(text)) return
  throw new HarnessError('ERR_USAGE', `"${text}" is no name for Kubernetes: up to 40 of a-z, 0-9 and -`)
}

/** The resources as one YAML text, with the commands that make the Secrets as comments before them. */
export function emitTestRun(plan: OperatorPlan): string {
  const { name, namespace, lanes } = plan
  const resources = resourcesOf(plan)
  const where = namespace === undefined ? '' : ` -n ${namespace}`
  const commands = lanes
    .filter(({ certificate }) => certificate)
    .map(
      ({ id }) =>
        `#   kubectl create secret tls ${secretName(name, id)}${where} --cert=${id}.pem --key=${id}-key.pem`,
    )
  const head = [
    '# k6-operator resources made by mtls-access-harness. Load only what you may load.',
    ...(commands.length === 0
      ? []
      : ['# Certificates and keys are not in here; make their Secrets first:', ...commands]),
  ]
  return `${head.join('\n')}\n${resources.map((one) => stringify(one, { lineWidth: 0 })).join('---\n')}`
}
