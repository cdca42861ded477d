/**
 * Machines with a Cloudflare Access service token. `LOAD_TOKEN_FILE` names a file whose first line is the client id and
 * whose second is the client secret. `LOAD_TOKEN_HEADER`, when set, sends both as JSON in that one header
 * (`read_service_tokens_from_header`). Further settings: settings.ts.
 * @module
 */
import { ask, fileOf, needed, optionsFor, setting } from './settings.ts'

needed('LOAD_URL')
needed('LOAD_TOKEN_FILE')

const [id, secret] = (fileOf('LOAD_TOKEN_FILE') ?? '').split('\n').map((line) => line.trim())
if (id === undefined || secret === undefined || id === '' || secret === '') {
  throw new Error('LOAD_TOKEN_FILE: the first line is the client id, the second the client secret')
}
const single = setting('LOAD_TOKEN_HEADER')
const headers: Record<string, string> =
  single === undefined
    ? { 'CF-Access-Client-Id': id, 'CF-Access-Client-Secret': secret }
    : { [single]: JSON.stringify({ 'cf-access-client-id': id, 'cf-access-client-secret': secret }) }

export const options = optionsFor('attempt')

/** One request with the token. */
export function attempt(): void {
  ask({ headers })
}
