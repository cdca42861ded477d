/**
 * What a running lab leaves on disk for its clients.
 * @module
 */
import { chmod, mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import {
  containerDeployment,
  containerDeploymentYaml,
  deploymentYaml,
  originScript,
  secretFiles,
} from './deployment-yaml.ts'
import { defaultRefusalPage } from './edge/answers.ts'
import { accounts, labHostnames } from './hostnames.ts'
import type { Idp } from './idp/idp.ts'
import { describeLab } from './lab-json.ts'
import type { LabMaterial } from './material.ts'
import type { ContainerOrigin } from './origins/containers/types.ts'
import { removeAtExit } from './remove-at-exit.ts'
import type { Store } from './state/store.ts'

/** What a running lab has to tell beside its certificates. */
export interface LabAddresses {
  edge: { host: string; port: number; plainPort: number; otherPort: number }
  origins: Readonly<Record<string, { host: string; port: number; tlsPort: number }>>
  /** Where there is a control plane. */
  api?: { baseURL: string; labURL: string }
  /** Where there is an identity provider. */
  idp?: Idp
  /** Origins in containers; their addresses are among `origins`. */
  containers?: readonly ContainerOrigin[]
  store: Store
  /** A global session of somebody who may use what is behind Access. */
  session?: string | undefined
}

/** Files of a running lab, absolute paths. */
export interface LabFiles {
  deployment: string
  /** Deployment file of each origin in a container, by its name. */
  containers: Readonly<Record<string, string>>
  lab: string
  /** Removes `lab.json`, every private key and every other secret; certificates and `harness.yaml` stay. */
  remove(): Promise<void>
}

/** A file to be written; `secret` ones get mode 0600 and are removed at the end. */
interface Entry {
  name: string
  content: string | Buffer
  secret?: boolean
}

/**
 * Writes certificates, keys, refusal bodies, `harness.yaml` and, last of all and whole, `lab.json`.
 * The folder is made with mode 0700; one that exists keeps its mode.
 * @throws the file system's error.
 */
export async function writeLabFiles(
  folder: string,
  { material, ...addresses }: LabAddresses & { material: LabMaterial },
): Promise<LabFiles> {
  const dir = resolve(folder)
  const at = (name: string): string => join(dir, name)
  const entries = [
    ...materialEntries(material, addresses.api !== undefined),
    ...teamEntries(addresses),
    ...drillEntries(material, addresses),
  ]
  const deployment: Entry = { name: 'harness.yaml', content: deploymentYaml(addresses, material) }
  const containers = (addresses.containers ?? []).map((container) => ({
    of: container.name,
    name: containerDeployment(container.name),
    content: containerDeploymentYaml(container, addresses),
  }))
  const lab = at('lab.json')
  await mkdir(dir, { recursive: true, mode: 0o700 })
  const secrets = entries.filter(({ secret }) => secret === true).map(({ name }) => at(name))
  const forget = removeAtExit([lab, `${lab}.new`, ...secrets])
  const remove = async (): Promise<void> => {
    await Promise.all([lab, `${lab}.new`, ...secrets].map((path) => rm(path, { force: true })))
    forget()
  }
  try {
    const files = [...entries, deployment, ...containers]
    await settled(files.map((entry) => writeFresh(at(entry.name), entry)))
    const description = JSON.stringify(describeLab(at, addresses, material), null, 2)
    await writeFresh(`${lab}.new`, { name: 'lab.json', content: `${description}\n`, secret: true })
    await rename(`${lab}.new`, lab)
  } catch (error) {
    await remove()
    throw error
  }
  return {
    deployment: at(deployment.name),
    containers: Object.fromEntries(containers.map(({ of, name }) => [of, at(name)])),
    lab,
    remove,
  }
}

/** All of them have ended. @throws what the first of those that failed has thrown. */
async function settled(doing: readonly Promise<void>[]): Promise<void> {
  const failed = (await Promise.allSettled(doing)).find(({ status }) => status === 'rejected')
  if (failed?.status === 'rejected') throw failed.reason
}

/** Never writes through what is there: a file of another run may have another mode, or be a link. */
async function writeFresh(path: string, { content, secret }: Entry): Promise<void> {
  const mode = secret === true ? 0o600 : 0o644
  await rm(path, { force: true })
  await writeFile(path, content, { mode, flag: 'wx' })
  if (secret !== true) await chmod(path, mode)
}

/** What a team never gives away, and what somebody who logged in has. */
function teamEntries({ store, session }: LabAddresses): Entry[] {
  const keys = store.state.accounts[accounts.lab.id]?.access.keys
  return [
    ...(keys === undefined
      ? []
      : [{ name: secretFiles.signingKey, content: keys.current.privateKey, secret: true }]),
    ...(session === undefined ? [] : [{ name: secretFiles.session, content: `${session}\n`, secret: true }]),
  ]
}

/** For the drill of the suite rollback. */
function drillEntries({ pulls: { drill } }: LabMaterial, { api }: LabAddresses): Entry[] {
  if (api === undefined) return []
  return [
    { name: secretFiles.drillPull.cert, content: drill.cert },
    { name: secretFiles.drillPull.key, content: drill.key, secret: true },
    { name: originScript.name, content: originScript.content(api.labURL) },
  ]
}

function materialEntries(material: LabMaterial, controlPlane: boolean): Entry[] {
  const { serverCa, clientCas, identities, pulls, serviceTokens, credentials } = material
  const cas = Object.entries(clientCas).flatMap(([name, { cert, key, crl }]): Entry[] => [
    { name: `client-ca-${name.toLowerCase()}.pem`, content: cert },
    { name: `client-ca-${name.toLowerCase()}-key.pem`, content: key, secret: true },
    ...(crl === undefined ? [] : [{ name: `clients-${name.toLowerCase()}.crl`, content: crl }]),
  ])
  const clients = Object.entries(identities).flatMap(([name, { cert, key }]): Entry[] => [
    { name: `${name}.pem`, content: cert },
    { name: `${name}-key.pem`, content: key, secret: true },
  ])
  const tokens = Object.entries(serviceTokens).map(
    ([name, { secret }]): Entry => ({
      name: secretFiles.serviceToken(name),
      content: `${secret}\n`,
      secret: true,
    }),
  )
  const edge: Entry[] = [
    { name: secretFiles.pull.cert, content: pulls.cert },
    { name: secretFiles.pull.key, content: pulls.key, secret: true },
    { name: secretFiles.otherPull.cert, content: pulls.other.cert },
    { name: secretFiles.otherPull.key, content: pulls.other.key, secret: true },
    // What is read only needs no more than permission to read.
    ...(controlPlane
      ? [
          { name: secretFiles.apiToken, content: `${credentials.readToken}\n`, secret: true },
          { name: secretFiles.apiWriteToken, content: `${credentials.token}\n`, secret: true },
        ]
      : []),
  ]
  const refusals = labHostnames.flatMap(({ hostname, mtls }): Entry[] =>
    mtls?.mode === 'enforce'
      ? [{ name: `refusal-${hostname}`, content: mtls.refusal?.body ?? defaultRefusalPage }]
      : [],
  )
  return [{ name: 'server-ca.pem', content: serverCa }, ...cas, ...clients, ...tokens, ...edge, ...refusals]
}
