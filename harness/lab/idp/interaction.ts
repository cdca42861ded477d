/**
 * The login form: user name and password.
 * @module
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Provider } from 'oidc-provider'
import { loginForm, problemPage } from './pages.ts'
import { type IdpUser, whoIs } from './users.ts'

const largestForm = 4096

/** Sends a page. */
export function sendPage(response: ServerResponse, status: number, body: string): void {
  response.writeHead(status, {
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-store',
    'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
  })
  response.end(body)
}

/** Shows the form, or takes it. A wrong password shows it again. */
export async function interact(
  request: IncomingMessage,
  response: ServerResponse,
  provider: Provider,
  users: readonly IdpUser[],
): Promise<void> {
  const known = await provider.interactionDetails(request, response).then(
    () => true,
    () => false,
  )
  if (!known) return sendPage(response, 400, problemPage('This login has expired. Start again.'))
  if (request.method === 'GET' || request.method === 'HEAD') return sendPage(response, 200, loginForm())
  if (request.method !== 'POST') return sendPage(response, 405, problemPage('Only GET and POST.'))
  const form = await readForm(request)
  if (form === undefined) return sendPage(response, 413, problemPage('The form is too large.'))
  const username = form.get('username') ?? ''
  const user = whoIs(users, username, form.get('password') ?? '')
  if (user === undefined)
    return sendPage(response, 401, loginForm(username, 'User name or password is wrong.'))
  const result = { login: { accountId: user.sub } }
  await provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false })
}

async function readForm(request: IncomingMessage): Promise<URLSearchParams | undefined> {
  const parts: Buffer[] = []
  let size = 0
  for await (const part of request as AsyncIterable<Buffer>) {
    size += part.length
    if (size > largestForm) return undefined
    parts.push(part)
  }
  return new URLSearchParams(Buffer.concat(parts).toString('utf8'))
}
