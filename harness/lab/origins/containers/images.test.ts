import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import type { ContainerRuntimeClient } from 'testcontainers'
import { dockerClient } from './docker.ts'
import { buildImage, imageOf } from './images.ts'
import { labelsOf, removeImages } from './runs.ts'
import { withoutDocker } from './testing.ts'
import { containerNames } from './types.ts'

let client: ContainerRuntimeClient
let folder: string | undefined
before(async () => {
  if (withoutDocker !== false) return
  client = await dockerClient()
  folder = await mkdtemp(join(tmpdir(), 'images-'))
})
after(() => (folder === undefined ? undefined : rm(folder, { recursive: true })))

test('an image is named by what is in it: the second time nothing is built', {
  skip: withoutDocker,
}, async () => {
  for (const name of containerNames) {
    const first = await imageOf(client, name, 'test', () => {})
    assert.match(first, new RegExp(`^harness-lab/${name}:[0-9a-f]{16}$`))
    assert.equal(await imageOf(client, name, 'test', () => assert.fail('built again')), first)
    const { Config } = await client.container.dockerode.getImage(first).inspect()
    assert.match(Config.Labels?.['harness.lab'] ?? '', /./)
  }
})

test('a build that fails says what failed, and one that does not is labelled and can be removed', {
  skip: withoutDocker,
}, async () => {
  const { dockerode } = client.container
  const context = folder ?? ''
  const build = (text: string) =>
    writeFile(join(context, 'Dockerfile'), text).then(() =>
      buildImage(client, context, 'harness-lab-test/one:1', labelsOf('f00d'), {}),
    )
  const count = async () =>
    (await dockerode.listImages({ filters: { reference: ['harness-lab-test/*'] } })).length
  await assert.rejects(build('FROM scratch\nCOPY no-such-file /\n'), {
    code: 'ERR_PLATFORM',
    message: /harness-lab-test\/one:1 cannot be built: .*no-such-file/s,
  })
  assert.equal(await count(), 0)
  await build('FROM scratch\nCOPY Dockerfile /\n')
  assert.equal(await count(), 1)
  // One that is in use stays.
  const container = await dockerode.createContainer({ Image: 'harness-lab-test/one:1', Cmd: ['/none'] })
  try {
    assert.equal(await removeImages(client, 'harness-lab-test/*'), 0)
    assert.equal(await count(), 1)
  } finally {
    await container.remove()
  }
  assert.equal(await removeImages(client, 'harness-lab-test/*'), 1)
  assert.equal(await count(), 0)
})
