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
import { type RatePlan, rateEnv, totalOf } from './rate.ts'

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
  /** `address:port` that was checked: the pods connect there, whatever their DNS says. */
  connect: string
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

/**
 * What k6 is told in a pod. Its log goes to a file: only there its level can be set (k6 2.2 refuses `stderr,level=error`), and a
 * line for each failed request would cost more than the request.
 */
export const podArgs: readonly string[] = [
  ...['--out', 'json=/tmp/samples.json', '--summary-mode=full'],
  '--log-output=file=/tmp/k6.log,level=error',
]

/**
 * The resources: one ConfigMap with the scripts, one TestRun per lane.
 * @throws HarnessError ERR_USAGE for impossible names, and for more pods than a lane has virtual users.
 */
export function resourcesOf(plan: OperatorPlan): Resource[] {
  const { name, namespace, lanes } = plan
  checkPlan(plan)
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
  const { name, url, connect, parallelism, image = `grafana/k6:${k6Version}` } = plan
  const secret = secretName(name, lane.id)
  const settings: Record<string, string> = {
    ...lane.env,
    ...rateEnv(lane.rate),
    LOAD_URL: url,
    LOAD_CONNECT: connect,
    LOAD_MAX_VUS: String(vusOf(lane)),
    // A pod without any would start with nobody to make its attempts.
    LOAD_VUS: String(Math.max(parallelism, Math.min(100, vusOf(lane)))),
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
      args: [...podArgs],
      script: { configMap: { name: `${name}-scripts`, file: `${lane.script}.ts` } },
      runner,
      // It reads the script's options, and so needs what they need.
      initializer: { ...initializer, image },
    },
  }
}

/** Name of the Secret (`kubernetes.io/tls`) that holds a lane's certificate and key. */
export const secretName = (run: string, lane: string): string => `${run}-${lane}-identity`

/** Virtual users of a lane, all pods together: as many as the longest stay (5 s) and its highest rate need, twice. */
const vusOf = ({ rate }: OperatorLane): number => Math.max(2, Math.min(2000, totalOf(rate).rate * 10))

/** Longest name of a label, a Job or a Service (RFC 1123, RFC 1035). */
const longestName = 63

function checkPlan({ name, namespace, parallelism, lanes }: OperatorPlan): void {
  const wrong = (message: string): never => {
    throw new HarnessError('ERR_USAGE', message)
  }
  // The operator makes Services of it too, whose names begin with a letter.
  if (!/^[a-z]([-a-z0-9]*[a-z0-9])?$/.test(name))
    wrong(`${JSON.stringify(name)} is no name for Kubernetes: a-z, 0-9 and -, a letter first`)
  if (namespace !== undefined && !/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(namespace))
    wrong(`${JSON.stringify(namespace)} is no namespace of Kubernetes: up to 63 of a-z, 0-9 and -`)
  if (!Number.isInteger(parallelism) || parallelism < 1) wrong(`${parallelism} pods are not possible`)
  // Names that the operator makes of a TestRun's: Jobs `-initializer` and `-N`, Services `-service-N`.
  const suffix = Math.max('-initializer'.length, `-service-${parallelism}`.length)
  for (const lane of lanes) {
    const { id } = lane
    if (!/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(id)) wrong(`${JSON.stringify(id)} is no name for Kubernetes`)
    const left = longestName - `-${id}`.length - suffix
    if (name.length > left)
      wrong(
        `the name ${name} is too long: with what is added for ${id} it has more than ${longestName} characters; ${left} are possible`,
      )
    if (parallelism > vusOf(lane))
      wrong(
        `${parallelism} pods for ${id}: it has ${vusOf(lane)} virtual users to share; fewer pods, or a higher rate`,
      )
  }
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
