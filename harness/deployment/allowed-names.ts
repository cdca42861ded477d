/**
 * Whom a hostname lets in by name.
 * @module
 */
import type { Target } from './types.ts'

/**
 * The common names of client certificates that are let in, by a rule or by the policy of Access; undefined: every certificate of
 * the CA is.
 */
export const allowedNames = ({ mtls, access }: Pick<Target, 'mtls' | 'access'>): string[] | undefined =>
  (access?.with === 'access-and-mtls' ? access.commonNames : undefined) ?? mtls?.commonNames
