/**
 * The lab's identity provider: OpenID Connect on a loopback port, plain HTTP, with a login form. Paths as of Authentik.
 * @module
 */
import { randomBytes } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Provider } from 'oidc-provider'
import { configurationFor, type IdTokenAlgorithm } from './configuration.ts'
import { interact, sendPage } from './interaction.ts'
import { problemPage } from './pages.ts'
import { createUsers, type IdpUser } from './users.ts'

/** How it is started. */
export interface IdpOptions {
  /** `https://<team domain>/cdn-cgi/access/callback`, with the edge's port where it is not 443. */
  redirectUris?: readonly string[]
  /** Default: any free port. */
  port?: number
  /** Default: alice, bob and mallory with fresh passwords. */
  users?: readonly IdpUser[]
  /** Default RS256. */
  idTokenAlgorithm?: IdTokenAlgorithm
}

/** A running identity provider. Secrets and passwords are in memory only. */
export interface Idp {
  host: '127.0.0.1'
  port: number
  issuer: string
  /** For the configuration of an identity provider in Access. */
  authUrl: string
  tokenUrl: string
  certsUrl: string
  clientId: string
  clientSecret: string
  users: readonly IdpUser[]
  /** Allows one more redirect URI. */
  allowRedirect(uri: string): void
  close(): Promise<void>
}

const mount = '/application/o/access'
const letters = (length: number): string => randomBytes(length).toString('hex').slice(0, length)

/** Starts it. @throws the listener's error when the port is taken. */
export async function startIdp({
  redirectUris = [],
  port = 0,
  users = createUsers(),
  idTokenAlgorithm = 'RS256',
}: IdpOptions = {}): Promise<Idp> {
  const client = { id: letters(40), secret: letters(128) }
  const configuration = await configurationFor(users, client, idTokenAlgorithm)
  const server = createServer()
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen({ host: '127.0.0.1', port }, resolve)
  })
  const { port: bound } = server.address() as AddressInfo
  const origin = `http://127.0.0.1:${bound}`
  const issuer = `${origin}${mount}`
  const provider = new Provider(issuer, configuration)
  const allowed = new Set(redirectUris)
  provider.Client.prototype.redirectUriAllowed = (uri) => allowed.has(uri)
  server.on('request', handlerFor(provider, users))
  return {
    host: '127.0.0.1',
    port: bound,
    issuer,
    authUrl: `${issuer}/authorize`,
    tokenUrl: `${issuer}/token`,
    certsUrl: `${issuer}/jwks`,
    clientId: client.id,
    clientSecret: client.secret,
    users,
    allowRedirect: (uri) => {
      allowed.add(uri)
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function handlerFor(provider: Provider, users: readonly IdpUser[]) {
  const protocol = provider.callback()
  return (
    request: IncomingMessage & { originalUrl?: string; baseUrl?: string },
    response: ServerResponse,
  ) => {
    const url = request.url ?? '/'
    const fail = (): void => {
      if (response.headersSent) response.destroy()
      else sendPage(response, 500, problemPage('The identity provider could not answer.'))
    }
    if (url.startsWith(`${mount}/`)) {
      // As a mounting framework would do it.
      request.originalUrl = url
      request.baseUrl = mount
      request.url = url.slice(mount.length)
      protocol(request, response).catch(fail)
    } else if (/^\/interaction\/[\w-]{1,64}$/.test(url)) {
      interact(request, response, provider, users).catch(fail)
    } else sendPage(response, 404, problemPage('There is nothing here.'))
  }
}
