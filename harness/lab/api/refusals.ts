/**
 * Refusals that come from HTTP and the framework rather than from a route, all in the envelope.
 * @module
 */
import { type ServerResponse, STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import { failure } from './envelope.ts'
import { ApiError } from './errors.ts'

/** Codes of the framework (`FST_ERR_…`) and what the API says instead. Status and code are our choice. */
const known: Readonly<Record<string, readonly [status: number, code: number, message: string]>> = {
  FST_ERR_CTP_INVALID_JSON_BODY: [400, 6007, 'Malformed JSON in request body'],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: [400, 6003, 'Invalid request headers'],
  FST_ERR_CTP_BODY_TOO_LARGE: [413, 10_413, 'Request body too large'],
  FST_ERR_CTP_INVALID_MEDIA_TYPE: [415, 10_415, 'Unsupported content type: send application/json'],
  FST_ERR_CTP_EMPTY_TYPE: [415, 10_415, 'Unsupported content type: send application/json'],
  FST_ERR_BAD_URL: [400, 7003, 'Could not route to this path: it is not a valid URL'],
  FST_ERR_MAX_PARAM_LENGTH: [
    404,
    7003,
    'Could not route to this path, perhaps your object identifier is invalid?',
  ],
}

/** A refusal that {@link toApiError} takes for what it says. */
interface FrameworkError {
  code?: unknown
  statusCode?: unknown
  message?: unknown
  validation?: unknown
}

/**
 * What to answer to whatever was thrown; undefined: nobody foresaw it.
 * Messages of validation name the place and the rule, never the value.
 */
export function toApiError(error: unknown): ApiError | undefined {
  if (error instanceof ApiError) return error
  const { code, statusCode, message, validation } = (error ?? {}) as FrameworkError
  if (validation !== undefined)
    return new ApiError(400, 10_001, `Invalid request: ${String(message).slice(0, 300)}`)
  const row = typeof code === 'string' && Object.hasOwn(known, code) ? known[code] : undefined
  if (row !== undefined) return new ApiError(...row)
  // What the JSON parser refuses has a status and nothing else.
  if (error instanceof SyntaxError && statusCode === 400)
    return new ApiError(400, 6007, 'Malformed JSON in request body')
  if (typeof statusCode === 'number' && statusCode >= 400 && statusCode < 500)
    return new ApiError(statusCode, 10_001, STATUS_CODES[statusCode] ?? 'Bad request')
  return undefined
}

/** The answer to what is no HTTP request at all. */
export function refuseConnection(error: { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return
  const status =
    error.code === 'HPE_HEADER_OVERFLOW' ? 431 : error.code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 408 : 400
  const body = JSON.stringify(failure(6003, 'Invalid request headers'))
  if (socket.writable) {
    socket.end(
      `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
    )
  } else socket.destroy()
}

/** The answer to an `Expect` that is not `100-continue`. */
export function refuseExpectation(response: ServerResponse): void {
  const body = JSON.stringify(failure(6003, 'Invalid request headers'))
  response.writeHead(417, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) })
  response.end(body)
}
