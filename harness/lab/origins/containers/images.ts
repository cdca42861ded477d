/**
 * Images of the servers, named by what is in them: one that is there is not built again.
 *
 * Built through the engine's API by testcontainers' client and not by its builder, which never ends when a build is
 * refused, and keeps what the build said to itself.
 * @module
 */
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join, resolve } from 'node:path'
import { promisify } from 'node:util'
import type { ContainerRuntimeClient } from 'testcontainers'
import { HarnessError } from '../../../errors.ts'
import { oneAtATime } from './lock.ts'
import { labelsOf } from './runs.ts'
import type { ContainerName } from './types.ts'

const run = promisify(execFile)

/** This module's own ending: `.ts` in a checkout, `.js` in the package. */
const ending = import.meta.filename.slice(-3)
const here = import.meta.dirname
const origins = resolve(here, '..')
const fixtures = resolve(here, '../../../../fixtures/containers')

/** Files that run in the container, flat there: their names are all different. */
const insideFiles = [
  join(here, 'inside', `application${ending}`),
  join(here, 'inside', `verdict${ending}`),
  join(here, 'inside', `reload${ending}`),
  join(origins, `answers${ending}`),
  join(origins, `canary${ending}`),
  join(origins, `temperatures${ending}`),
]

/** Folder of a server's Dockerfile, start script and templates. */
export const serverFolder = (name: ContainerName): string => join(fixtures, name)

/** The bases that will do, the first that is there is taken; none: the first is pulled. */
const bases = ['debian:bookworm-slim', 'debian:trixie-slim']

/**
 * Name of the image of a server, built where it is not there.
 * @throws HarnessError ERR_PLATFORM with the end of what the build said.
 */
export async function imageOf(
  client: ContainerRuntimeClient,
  name: ContainerName,
  runId: string,
  onBuild: () => void,
): Promise<string> {
  const { dockerode } = client.container
  const base = await baseImage(client)
  const tag = `harness-lab/${name}:${await contentHash(name, base.id)}`
  const isThere = async (): Promise<boolean> =>
    (await dockerode.listImages({ filters: { reference: [tag] } })).length > 0
  if (await isThere()) return tag
  // Processes that start side by side need it all at once.
  await oneAtATime('images', async () => {
    if (await isThere()) return
    onBuild()
    const folder = await mkdtemp(join(tmpdir(), 'harness-image-'))
    try {
      await writeContext(name, folder)
      await buildImage(client, folder, tag, labelsOf(runId), { BASE: base.name })
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  })
  return tag
}

/**
 * Builds what is in a folder. @throws HarnessError ERR_PLATFORM with the end of what the build said.
 */
export async function buildImage(
  client: ContainerRuntimeClient,
  folder: string,
  tag: string,
  labels: Record<string, string>,
  buildargs: Record<string, string>,
): Promise<void> {
  const { dockerode } = client.container
  const stream = await dockerode.buildImage(
    { context: folder, src: await readdir(folder) },
    {
      t: tag,
      labels,
      buildargs: { ...buildargs, ...proxySettings() },
      // What this machine reaches, a build reaches: a proxy on its loopback, too.
      networkmode: 'host',
    },
  )
  await buildEnd(stream, tag, client)
}

async function baseImage({ container: { dockerode } }: ContainerRuntimeClient): Promise<{
  name: string
  id: string
}> {
  const found = await dockerode.listImages({ filters: { reference: bases } })
  for (const name of bases) {
    const image = found.find(({ RepoTags }) => RepoTags?.includes(name))
    if (image !== undefined) return { name, id: image.Id }
  }
  return { name: bases[0] ?? '', id: '' }
}

async function contentHash(name: ContainerName, baseId: string): Promise<string> {
  const files = (await readdir(serverFolder(name))).sort().map((file) => join(serverFolder(name), file))
  const hash = createHash('sha256').update(baseId)
  for (const file of [...files, ...insideFiles]) {
    const content = await readFile(file)
    hash.update(`\n${basename(file)} ${content.length}\n`).update(content)
  }
  return hash.digest('hex').slice(0, 16)
}

async function writeContext(name: ContainerName, folder: string): Promise<void> {
  const [app, server] = [join(folder, 'app'), join(folder, 'server')]
  await mkdir(app)
  await cp(serverFolder(name), server, { recursive: true })
  await cp(join(server, 'Dockerfile'), join(folder, 'Dockerfile'))
  for (const file of insideFiles) {
    const text = ending === '.ts' ? await withoutTypes(file) : await readFile(file, 'utf8')
    const flat = text.replace(/from '[./]+\/(?:[a-z-]+\/)*([a-z-]+)\.[jt]s'/g, "from './$1.mjs'")
    await writeFile(join(app, `${basename(file, ending)}.mjs`), flat)
  }
}

/** By a process of its own, as Node warns about the function that does it. */
async function withoutTypes(file: string): Promise<string> {
  const script =
    "process.stdout.write(require('module').stripTypeScriptTypes(require('fs').readFileSync(process.argv[1], 'utf8')))"
  const { stdout } = await run(process.execPath, ['--no-warnings', '-e', script, file], {
    env: { ...process.env, NODE_OPTIONS: '' },
  })
  return stdout
}

/** Names that the builder knows as arguments and keeps out of the image's history. */
const proxyNames = ['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY', 'http_proxy', 'https_proxy', 'no_proxy']

function proxySettings(): Record<string, string> {
  return Object.fromEntries(
    proxyNames.flatMap((name) => {
      const value = process.env[name]
      return value === undefined ? [] : [[name, value]]
    }),
  )
}

interface BuildEvent {
  stream?: string
  error?: string
}

function buildEnd(
  stream: NodeJS.ReadableStream,
  tag: string,
  { container: { dockerode } }: ContainerRuntimeClient,
): Promise<void> {
  return new Promise((done, fail) => {
    dockerode.modem.followProgress(stream, (problem: Error | null, events: BuildEvent[] | null) => {
      const error = problem?.message ?? events?.find((event) => event.error !== undefined)?.error
      if (error === undefined) {
        done()
        return
      }
      const said = (events ?? []).map((event) => event.stream ?? '').join('')
      fail(
        new HarnessError('ERR_PLATFORM', `the image ${tag} cannot be built: ${error}\n${said.slice(-1500)}`, {
          hint: 'the build needs a Debian mirror and, where it is not there, the image debian:bookworm-slim',
        }),
      )
    })
  })
}
