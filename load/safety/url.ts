/**
 * The URL that is asked for. A path is `/…` and nothing else: `@127.0.0.2:1/` after `https://host:port` would be another host.
 * @module
 */
import { bracketed } from '../../harness/deployment/connect.ts'
import { HarnessError } from '../../harness/errors.ts'

/** @throws HarnessError ERR_USAGE for what is no path: it begins with `/`, with a query perhaps, of printable ASCII without spaces. */
export function checkPath(path: string): string {
  if (/^\/[!-~]*$/.test(path) && !path.includes('#')) return path
  throw new HarnessError(
    'ERR_USAGE',
    `${JSON.stringify(path)} is no path: it begins with / and has no spaces, no # and nothing beyond ASCII`,
    { hint: 'write other characters with %, such as /a%20b?x=1' },
  )
}

/**
 * `https://host:port/path`; IPv6 in brackets or without.
 * @throws HarnessError ERR_USAGE where it would lead to another host or port than these.
 */
export function targetUrl({ host, port }: { host: string; port: number }, path = '/'): string {
  const name = bracketed(host)
  const origin = `https://${name}:${port}`
  const url = `${origin}${checkPath(path)}`
  const [wanted, given] = [urlIn(origin), urlIn(url)]
  const same =
    !/[/\\@?#\s]/.test(name) &&
    wanted !== undefined &&
    wanted.origin === given?.origin &&
    given.username === '' &&
    given.password === ''
  if (!same) throw new HarnessError('ERR_USAGE', `${JSON.stringify(url)} does not lead to ${host}:${port}`)
  return url
}

function urlIn(text: string): URL | undefined {
  return URL.canParse(text) ? new URL(text) : undefined
}
