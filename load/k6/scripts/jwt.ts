/**
 * Requests with a signed token. `LOAD_JWT_FILE` holds one token per line; attempts take them in turn. It is sent in the
 * header `LOAD_JWT_HEADER`, default `cf-access-token`; `authorization` gets `Bearer` before it; `cookie` sends
 * `CF_Authorization`. Further settings: settings.ts.
 * @module
 */
import exec from 'k6/execution'
import { ask, fileOf, needed, optionsFor, setting } from './settings.ts'

needed('LOAD_URL')
needed('LOAD_JWT_FILE')

const tokens = (fileOf('LOAD_JWT_FILE') ?? '').split('\n').filter((line) => line !== '')
if (tokens.length === 0) throw new Error('LOAD_JWT_FILE: one token per line')
const header = (setting('LOAD_JWT_HEADER') ?? 'cf-access-token').toLowerCase()
const forms: Record<string, (token: string) => string> = {
  authorization: (token) => `Bearer ${token}`,
  cookie: (token) => `CF_Authorization=${token}`,
}
const form = forms[header] ?? ((token: string) => token)

export const options = optionsFor('attempt')

/** One request with the next token. */
export function attempt(): void {
  const token = tokens[exec.scenario.iterationInTest % tokens.length] ?? ''
  ask({ headers: { [header]: form(token) } })
}
