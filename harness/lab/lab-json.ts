/**
 * `lab.json`: any client, in any language, can work from this one file (DESIGN 4.5).
 * @module
 */
import { containerDeployment } from './deployment-yaml.ts'
import type { LabAddresses } from './files.ts'
import {
  accounts,
  canaryPath,
  type LabHostname,
  labHostnames,
  teamDomain,
  transferDomain,
} from './hostnames.ts'
import type { Idp } from './idp/idp.ts'
import type { LabMaterial } from './material.ts'
import type { ContainerOrigin } from './origins/containers/types.ts'
import type { AccessState } from './state/access-types.ts'
import { containerHostname, containerWhat } from './state/seed-containers.ts'

/** The content of `lab.json`; `at` makes paths absolute. Holds credentials. */
export function describeLab(
  at: (name: string) => string,
  { edge, origins, containers = [], api, idp, store }: LabAddresses,
  { identities, credentials, serviceTokens }: LabMaterial,
): unknown {
  const { access } = store.state.accounts[accounts.lab.id] ?? {}
  const { token, readToken, email, key } = credentials
  return {
    edge: {
      host: edge.host,
      port: edge.port,
      plainPort: edge.plainPort,
      otherPort: edge.otherPort,
      ca: at('server-ca.pem'),
    },
    hostnames: Object.fromEntries([
      ...labHostnames.map((host) => [host.hostname, describeHostname(host)]),
      ...containers.map((one) => [containerHostname(one.name), describeContainerHostname(one)]),
    ]),
    ...(api === undefined
      ? {}
      : {
          api: {
            ...api,
            token,
            readToken,
            email,
            key,
            accountId: accounts.lab.id,
            zones: Object.fromEntries(Object.values(store.state.zones).map(({ id, name }) => [name, id])),
          },
        }),
    access: {
      teamDomain,
      transferDomain,
      serviceTokens: Object.fromEntries(
        Object.entries(serviceTokens).map(([name, { clientId, secret }]) => [name, { id: clientId, secret }]),
      ),
      applications: access === undefined ? {} : describeApplications(access),
      ...(idp === undefined ? {} : { idp: describeIdp(idp) }),
    },
    identities: Object.fromEntries(
      Object.keys(identities).map((name) => [name, { cert: at(`${name}.pem`), key: at(`${name}-key.pem`) }]),
    ),
    origins,
    deployment: at('harness.yaml'),
    ...(containers.length === 0
      ? {}
      : { containers: Object.fromEntries(containers.map((one) => [one.name, describeContainer(at, one)])) }),
  }
}

/** What an operator registers in Access, and who can log in. */
const describeIdp = ({
  issuer,
  authUrl,
  tokenUrl,
  certsUrl,
  clientId,
  clientSecret,
  users,
}: Idp): unknown => ({
  issuer,
  authUrl,
  tokenUrl,
  certsUrl,
  clientId,
  clientSecret,
  users: users.map(({ username, password, email, groups }) => ({ username, password, email, groups })),
})

function describeHostname({
  what,
  mtls,
  access,
  zone = 'lab',
  origin = 'main',
}: Omit<LabHostname, 'origin'> & { origin?: string }): unknown {
  const protectedBy = [...(mtls === undefined ? [] : ['mtls']), ...(access === undefined ? [] : ['access'])]
  return { what, protectedBy, mode: mtls?.mode ?? 'off', canary: canaryPath, zone, origin }
}

const describeContainerHostname = ({ name, server }: ContainerOrigin): unknown =>
  describeHostname({
    hostname: containerHostname(name),
    what: containerWhat(server),
    mtls: undefined,
    origin: name,
  })

/** `labURL` + `/containers/<name>` changes its settings. */
const describeContainer = (at: (name: string) => string, { name, server }: ContainerOrigin): unknown => ({
  server,
  hostname: containerHostname(name),
  deployment: at(containerDeployment(name)),
})

const describeApplications = ({ applications }: AccessState): Record<string, unknown> =>
  Object.fromEntries(
    Object.values(applications).map(({ name, aud, id, domains }) => [name, { aud, id, domains }]),
  )
