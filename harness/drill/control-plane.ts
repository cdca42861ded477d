/**
 * The control plane as a drill uses it: the official SDK, with every call recorded (method, path, status, codes; neither
 * headers nor bodies).
 * @module
 */
import Cloudflare from 'cloudflare'
import type { DrillCall } from '../../reports/drill/types.ts'
import { HarnessError } from '../errors.ts'

/** How to reach it. */
export interface ControlPlaneOptions {
  /** Absent: the SDK's own. */
  baseURL?: string
  token: string
  zone: string
  account: string
  /** Milliseconds until a call is given up; default: 30 s. */
  timeout?: number
  /** How often the SDK tries again after 408, 409, 429, 5xx and broken connections; default: its own two times. */
  maxRetries?: number
}

/** A control plane. */
export interface ControlPlane {
  readonly sdk: Cloudflare
  readonly baseURL: string
  readonly zone: { zone_id: string }
  readonly account: { account_id: string }
  /** Calls since the last time it was asked. */
  takeCalls(): DrillCall[]
}

/** Connects. Nothing is asked yet. */
export function connectControlPlane(options: ControlPlaneOptions): ControlPlane {
  const calls: DrillCall[] = []
  const record = async (input: string | URL | Request, init?: RequestInit): Promise<Response> => {
    const url = new URL(input instanceof Request ? input.url : input)
    const call: DrillCall = {
      method: init?.method?.toUpperCase() ?? 'GET',
      path: url.pathname,
      status: 0,
      codes: [],
    }
    calls.push(call)
    const response = await fetch(input, init)
    call.status = response.status
    if (!response.ok) call.codes = await codesIn(response.clone())
    return response
  }
  const sdk = new Cloudflare({
    ...(options.baseURL === undefined ? {} : { baseURL: options.baseURL }),
    apiToken: options.token,
    // Explicit, because the SDK would otherwise take them from the environment.
    apiKey: null,
    apiEmail: null,
    userServiceKey: null,
    timeout: options.timeout ?? 30_000,
    ...(options.maxRetries === undefined ? {} : { maxRetries: options.maxRetries }),
    fetch: record,
  })
  return {
    sdk,
    baseURL: sdk.baseURL,
    zone: { zone_id: options.zone },
    account: { account_id: options.account },
    takeCalls: () => calls.splice(0),
  }
}

async function codesIn(response: Response): Promise<number[]> {
  try {
    const { errors } = (await response.json()) as { errors?: unknown }
    if (!Array.isArray(errors)) return []
    return errors
      .map((error: unknown) => (error as { code?: unknown } | null)?.code)
      .filter((code): code is number => typeof code === 'number')
  } catch {
    return []
  }
}

/** The codes of a refusal of the API; undefined where it was none. */
export function refusalCodes(error: unknown): number[] | undefined {
  if (!(error instanceof Cloudflare.APIError) || error.status === undefined) return undefined
  return error.errors.map(({ code }) => code).filter((code) => code !== undefined)
}

/** What went wrong with a call, for people. The API's own words are cut; no header is in them. */
export function failureOf(error: unknown): string {
  if (error instanceof Cloudflare.APIError && error.status !== undefined) {
    const said = error.errors.map(({ code, message }) => `${code} ${message}`.slice(0, 120)).join('; ')
    return `the API answered ${error.status}${said === '' ? '' : `: ${said}`}`
  }
  if (error instanceof Cloudflare.APIConnectionTimeoutError) return 'the API did not answer in time'
  if (error instanceof Cloudflare.APIConnectionError) return 'the connection to the API broke'
  if (error instanceof HarnessError) return error.message
  return error instanceof Error ? `${error.name}: ${error.message}`.slice(0, 200) : 'unknown'
}

/** The API said no, and nothing has changed. After a broken connection or a 5xx nobody knows. */
export const isRefusal = (error: unknown): boolean =>
  error instanceof Cloudflare.APIError && error.status !== undefined && error.status < 500
