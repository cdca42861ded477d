/**
 * Numbers of the control plane that a test or a load run may want otherwise.
 * @module
 */

/** How much is allowed. */
export interface ApiLimits {
  /** Requests per credential and window; official: 1,200. */
  requests: number
  /** Length of the window, and of the pause after exceeding it, in seconds; official: 300. */
  windowSeconds: number
  /** Client certificates per zone that are not revoked. A quota exists, its number was not found: our choice. */
  clientCertificates: number
  /** Uploaded CAs per account; official: 5. */
  mtlsCertificates: number
  /** Largest request body in bytes: our choice. */
  bodyBytes: number
}

/** As documented, or chosen. */
export const defaultLimits: ApiLimits = {
  requests: 1200,
  windowSeconds: 300,
  clientCertificates: 100,
  mtlsCertificates: 5,
  bodyBytes: 1024 * 1024,
}
