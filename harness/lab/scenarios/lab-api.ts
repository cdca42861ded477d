/**
 * Raw calls: the lab's own API (`/lab/v1`), and fields of the real API that the SDK lacks.
 * @module
 */
import type { OriginView } from '../origins/routes.ts'
import type { OriginSettings } from '../origins/settings.ts'
import type { LabState } from '../state/types.ts'
import type { LabFile } from './lab-file.ts'

/** What no real edge has, and what the SDK has not. */
export interface LabApi {
  state(): Promise<LabState>
  /** Moves the lab's clock; epoch milliseconds of it. */
  advance(seconds: number): Promise<number>
  originSettings(name: string): Promise<OriginSettings>
  configureOrigin(name: string, change: Partial<OriginSettings>): Promise<void>
  /** PATCH of the Zero Trust organization: the SDK lacks both the method and the field. Gives the value before. */
  setStrictServiceTokens(strict: boolean): Promise<boolean>
}

/** Calls with the token of `lab.json`. */
export function createLabApi({ api }: LabFile): LabApi {
  const call = async (method: string, url: string, body?: unknown): Promise<unknown> => {
    const response = await fetch(url, {
      method,
      headers: { authorization: `Bearer ${api.token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const { success, result, errors } = (await response.json()) as {
      success: boolean
      result: unknown
      errors: { message: string }[]
    }
    if (!success) {
      const why = errors.map(({ message }) => message).join('; ')
      throw new Error(`${method} ${new URL(url).pathname}: ${response.status} ${why}`)
    }
    return result
  }
  const own = (path: string): string => `${api.labURL}${path}`
  const organization = `${api.baseURL}/accounts/${api.accountId}/access/organizations`
  return {
    state: async () => (await call('GET', own('/state'))) as LabState,
    async advance(seconds) {
      const { now } = (await call('POST', own('/clock'), { advanceSeconds: seconds })) as { now: string }
      return Date.parse(now)
    },
    async originSettings(wanted) {
      const all = (await call('GET', own('/origins'))) as OriginView[]
      const found = all.find(({ name }) => name === wanted)
      if (found === undefined) throw new Error(`the lab has no origin "${wanted}"`)
      const { name: _, host, port, tlsPort, ...settings } = found
      return settings
    },
    async configureOrigin(name, change) {
      await call('PATCH', own(`/origins/${encodeURIComponent(name)}`), change)
    },
    async setStrictServiceTokens(strict) {
      const before = (await call('GET', organization)) as { strict_service_token_auth?: boolean }
      await call('PATCH', organization, { strict_service_token_auth: strict })
      return before.strict_service_token_auth === true
    },
  }
}
