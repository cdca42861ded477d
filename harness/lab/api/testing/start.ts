/**
 * A control plane for tests: small state, the official SDK connected to it, and raw requests. Every answer, through
 * either, is compared with the OpenAPI document where it has the path.
 * @module
 */
import assert from 'node:assert/strict'
import Cloudflare from 'cloudflare'
import { createAuthority } from '../../../pki/authority.ts'
import { type FaultId, selectFaults } from '../../faults.ts'
import { createLabMaterial, type LabMaterial } from '../../material.ts'
import { createStore, type Store } from '../../state/store.ts'
import type { LabState } from '../../state/types.ts'
import { type ApiContext, createApiContext } from '../context.ts'
import type { ApiLimits } from '../limits.ts'
import { type Api, startApi } from '../server.ts'
import { checkResponse } from './openapi.ts'
import { ids, secrets, testState } from './state.ts'

export { ids, secrets } from './state.ts'

/** How it is started. */
export interface TestApiOptions {
  /** Changes the state before the start. */
  prepare?: (state: LabState) => void
  faults?: readonly FaultId[]
  limits?: Partial<ApiLimits>
  /** Default: the real clock. */
  clock?: () => number
}

/** An answer, taken apart. */
export interface RawAnswer {
  status: number
  headers: Headers
  text: string
  /** The envelope; an empty object where the body is no JSON. */
  body: RawEnvelope
}

/** An envelope of whatever result. */
export interface RawEnvelope {
  success?: boolean
  errors?: { code: number; message: string; error_chain?: { code: number; message: string }[] }[]
  messages?: { code: number; message: string }[]
  result?: unknown
  result_info?: Record<string, number>
}

/** A raw request. */
export interface RawRequest {
  /** An object is sent as JSON, a string as it is with content-type JSON. */
  body?: unknown
  headers?: Record<string, string>
  /** Bearer; default: the edit token. `null`: none. */
  token?: string | null
}

/** A running control plane. */
export interface TestApi {
  api: Api
  store: Store
  context: ApiContext
  /** With the edit token, without retries. */
  sdk: Cloudflare
  /** The SDK with other credentials. */
  sdkAs(credentials: { apiToken: string } | { apiEmail: string; apiKey: string }): Cloudflare
  /** `path` below `/client/v4`; one that begins with `/lab/` from the root. */
  request(method: string, path: string, options?: RawRequest): Promise<RawAnswer>
  /** What answers were compared with so far: `GET /zones/{zone_id}/… 200`. */
  compared: ReadonlySet<string>
  /** Stops it. @throws AssertionError when a handler has thrown something other than an ApiError meanwhile. */
  close(): Promise<void>
  /** `await using t = await startTestApi()`: stopped at the end of the block, also when the test fails. */
  [Symbol.asyncDispose](): Promise<void>
}

let material: Promise<LabMaterial> | undefined

/** Certificates are made once per process. */
function sharedMaterial(): Promise<LabMaterial> {
  material ??= (async () => {
    const [made, first, second] = await Promise.all([
      createLabMaterial(),
      createAuthority({ name: 'CN=Managed CA of First' }),
      createAuthority({ name: 'CN=Managed CA of Second' }),
    ])
    const managedCas = {
      [ids.account]: { cert: first.cert, key: first.key },
      [ids.otherAccount]: { cert: second.cert, key: second.key },
    }
    return { ...made, managedCas }
  })()
  return material
}

/** Starts one; to be closed. */
export async function startTestApi(options: TestApiOptions = {}): Promise<TestApi> {
  const state = await testState()
  options.prepare?.(state)
  const store = createStore(state, options.clock)
  const internal: unknown[] = []
  const context = createApiContext({
    onInternalError: (error) => internal.push(error),
    store,
    material: await sharedMaterial(),
    faults: selectFaults(options.faults ?? []),
    ...(options.limits === undefined ? {} : { limits: options.limits }),
  })
  const api = await startApi(context)
  const compared = new Set<string>()
  const root = new URL(api.baseURL).origin

  const checkedFetch = async (input: string | URL | Request, init?: RequestInit): Promise<Response> => {
    const response = await fetch(input, init)
    const url = new URL(input instanceof Request ? input.url : input)
    const method = init?.method ?? (input instanceof Request ? input.method : 'GET')
    if (!url.pathname.startsWith('/client/v4') || method === 'HEAD' || response.status === 204)
      return response
    const body: unknown = await response.clone().json()
    const path = url.pathname.slice('/client/v4'.length)
    const by = checkResponse(method, path, response.status, body)
    if (by !== undefined) compared.add(by)
    return response
  }

  const sdkAs: TestApi['sdkAs'] = (credentials) =>
    new Cloudflare({
      baseURL: api.baseURL,
      maxRetries: 0,
      // Explicit, because the SDK would otherwise take them from the environment.
      apiToken: null,
      apiKey: null,
      apiEmail: null,
      userServiceKey: null,
      fetch: checkedFetch,
      ...credentials,
    })

  const close = async (): Promise<void> => {
    await api.close()
    assert.deepEqual(internal, [], 'a handler threw something other than an ApiError')
  }

  return {
    api,
    store,
    context,
    compared,
    sdk: sdkAs({ apiToken: secrets.edit }),
    sdkAs,
    async request(method, path, { body, headers = {}, token = secrets.edit } = {}) {
      const response = await checkedFetch(path.startsWith('/lab/') ? root + path : api.baseURL + path, {
        method,
        headers: {
          ...(token === null ? {} : { authorization: `Bearer ${token}` }),
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      })
      const text = await response.text()
      return { status: response.status, headers: response.headers, text, body: parsed(text) }
    },
    close,
    [Symbol.asyncDispose]: close,
  }
}

function parsed(text: string): RawEnvelope {
  try {
    return JSON.parse(text) as RawEnvelope
  } catch {
    return {}
  }
}

/** Asserts that a raw answer is a refusal in the envelope. */
export function assertRefused(
  { status, body, text }: RawAnswer,
  expected: { status: number; code: number },
): void {
  assert.equal(status, expected.status, text)
  assert.deepEqual([body.success, body.result, body.messages], [false, null, []], text)
  assert.equal(body.errors?.[0]?.code, expected.code, text)
}

/** Asserts that a call of the SDK is refused with a status and code. */
export async function assertSdkRefused(
  call: PromiseLike<unknown>,
  expected: { status: number; code: number },
): Promise<void> {
  await assert.rejects(
    async () => await call,
    (error: unknown) => {
      assert.ok(error instanceof Cloudflare.APIError, String(error))
      assert.deepEqual([error.status, error.errors[0]?.code], [expected.status, expected.code], error.message)
      return true
    },
  )
}
