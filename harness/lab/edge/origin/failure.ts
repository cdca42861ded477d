/**
 * What went wrong between the edge and an origin, as the status that visitors see
 * (developers.cloudflare.com support/troubleshooting/http-status-codes/cloudflare-5xx-errors).
 * @module
 */

/** Statuses the edge answers with in place of an origin. */
export type OriginStatus = 520 | 521 | 522 | 523 | 524 | 525 | 526

/** In words, as the documentation names them. */
export const originStatusTexts: Readonly<Record<OriginStatus, string>> = {
  520: 'web server returns an unknown error',
  521: 'web server is down',
  522: 'connection timed out',
  523: 'origin is unreachable',
  524: 'a timeout occurred',
  525: 'SSL handshake failed',
  526: 'invalid SSL certificate',
}

/** A connection to an origin that did not come about. */
export class OriginFailure extends Error {
  override readonly name = 'OriginFailure'
  readonly status: OriginStatus

  constructor(status: OriginStatus, cause?: unknown) {
    super(originStatusTexts[status], cause === undefined ? {} : { cause })
    this.status = status
  }
}

/** Codes of `connect`; every other one counts as a refusal. */
const connectCodes: Readonly<Record<string, OriginStatus>> = {
  ETIMEDOUT: 522,
  EHOSTUNREACH: 523,
  ENETUNREACH: 523,
  EHOSTDOWN: 523,
  ENETDOWN: 523,
  EADDRNOTAVAIL: 523,
}

/** Of a TCP connection that failed. */
export function statusOfConnectError({ code }: { code?: string | undefined }): OriginStatus {
  return code !== undefined && Object.hasOwn(connectCodes, code) ? (connectCodes[code] ?? 521) : 521
}

/** Of a request that failed: on its way to a connection, or on one. What breaks after the handshake is 520. */
export const statusOfRequestError = (error: unknown): OriginStatus =>
  error instanceof OriginFailure ? error.status : 520
