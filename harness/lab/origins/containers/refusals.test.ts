/**
 * What a visitor sees of each server's refusal: recorded from the real servers, through the edge. The table is written to
 * `test-results/origin-refusals.md`.
 */
import assert from 'node:assert/strict'
import { mkdir, writeFile } from 'node:fs/promises'
import { after, before, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { createAuthority } from '../../../pki/authority.ts'
import { createLabMaterial, type Lab, type LabMaterial, startLab } from '../../lab.ts'
import { pullAssociation, pullCertificate } from '../../origin-pulls/testing/pulls.ts'
import { containerHostname } from '../../state/seed-containers.ts'
import { type Seen, send } from '../../testing/client.ts'
import { startLabContainers } from './lab-containers.ts'
import { withoutDocker } from './testing.ts'
import { type ContainerName, type ContainerOrigin, type ContainerOrigins, containerNames } from './types.ts'

const table = fileURLToPath(new URL('../../../../test-results/origin-refusals.md', import.meta.url))
const versions = ['TLSv1.2', 'TLSv1.3'] as const

let containers: ContainerOrigins
let lab: Lab
let material: LabMaterial
const rows: string[] = []

before(async () => {
  if (withoutDocker !== false) return
  material = await createLabMaterial()
  containers = await startLabContainers(material, { faults: new Set() })
  lab = await startLab({ material, containers: containers.origins })
  const [foreign, trusted] = await Promise.all([
    createAuthority({ name: 'CN=Nobody’s CA' }),
    createAuthority({ name: 'CN=Old CA' }),
  ])
  const day = 86_400_000
  const dates = { notBefore: new Date(Date.now() - 9 * day), notAfter: new Date(Date.now() - day) }
  const stranger = await foreign.issue({ subject: 'CN=origin-pull.harness.test,O=Harness Lab' })
  const old = await trusted.issue({ subject: 'CN=old', ...dates })
  const { hostnameCertificates } = pulls()
  hostnameCertificates.stranger = pullCertificate('stranger', stranger)
  hostnameCertificates.old = pullCertificate('old', old)
  oldCa = trusted.cert
})
after(async () => {
  await lab?.close()
  await containers?.close()
  if (rows.length === 0) return
  const head = '| server | TLS | the edge presents | visitor’s status | what it is |\n|---|---|---|---|---|\n'
  await mkdir(fileURLToPath(new URL('../../../../test-results/', import.meta.url)), { recursive: true })
  await writeFile(table, `${head}${rows.toSorted().join('\n')}\n`)
})

let oldCa = ''

function pulls() {
  const zone = Object.values(lab.store.state.zones).find(({ name }) => name === 'harness.test')
  assert.ok(zone)
  return zone.originPulls
}

/** Has the edge present a certificate to one server; undefined: none. */
function present(name: ContainerName, certId: string | undefined): void {
  const hostname = containerHostname(name)
  if (certId === undefined) delete pulls().associations[hostname]
  else pulls().associations[hostname] = pullAssociation(hostname, certId)
  lab.store.changed()
}

function origin(name: ContainerName): ContainerOrigin {
  const found = containers.origins.find((one) => one.name === name)
  assert.ok(found)
  return found
}

/** Of which kind an answer is. */
type Class = 'allowed' | 'page of the origin, 400' | '520' | '525'

function classOf({ status, body, headers, echo }: Seen): Class | string {
  const byEdge = headers.find(([name]) => name.toLowerCase() === 'cf-error-type')?.[1]
  if (echo !== undefined) return status === 200 ? 'allowed' : `${status} with an echo`
  if (byEdge !== undefined) return byEdge === String(status) ? byEdge : `${status}, said to be ${byEdge}`
  return status === 400 && /SSL certificate/.test(body)
    ? 'page of the origin, 400'
    : `${status} of the origin`
}

/** By server and version. An alert of TLS 1.2 ends the handshake; that of TLS 1.3 comes when the client has finished. */
const refusal = (name: ContainerName, version: (typeof versions)[number]): Class => {
  if (name === 'nginx') return 'page of the origin, 400'
  // It finishes the handshake in both versions and closes.
  if (name === 'alb') return '520'
  return version === 'TLSv1.2' ? '525' : '520'
}

const says: Readonly<Record<string, string>> = {
  allowed: 'the application',
  'page of the origin, 400': 'the origin’s own page, passed on',
  '520': 'the edge’s page: web server returns an unknown error (the connection ended after the handshake)',
  '525': 'the edge’s page: SSL handshake failed',
}

describe('what a visitor sees of a refusal', { skip: withoutDocker, concurrency: 3 }, () => {
  for (const name of containerNames)
    test(`${name}: none, a stranger’s, an expired one; the edge’s own is let in`, async () => {
      const own = pulls().associations[containerHostname(name)]?.certId ?? ''
      assert.notEqual(own, '')
      for (const version of versions) {
        await origin(name).configure({ maxVersion: version, trust: `${material.pulls.ca}\n${oldCa}` })
        const cases: [what: string, certId: string | undefined, expected: Class][] = [
          ['nothing', undefined, refusal(name, version)],
          ['an expired certificate of a trusted CA', 'old', refusal(name, version)],
          ['a certificate of an unknown CA', 'stranger', refusal(name, version)],
          ['its own', own, 'allowed'],
        ]
        for (const [what, certId, expected] of cases) await show(name, version, what, certId, expected)
      }
    })
})

async function show(
  name: ContainerName,
  version: (typeof versions)[number],
  what: string,
  certId: string | undefined,
  expected: Class,
): Promise<void> {
  present(name, certId)
  const seen = await send(lab, { to: containerHostname(name) })
  const found = classOf(seen)
  rows.push(
    `| ${origin(name).server} | ${version.slice(-3)} | ${what} | ${seen.status} | ${says[found] ?? found} |`,
  )
  assert.equal(found, expected, `${name} ${version} ${what}: ${seen.status} ${seen.body.slice(0, 200)}`)
}
