/**
 * A path that no application has.
 * @module
 */
import { randomBytes } from 'node:crypto'

/** Another one each time. */
export const nowhere = (): string => `/harness-${randomBytes(6).toString('hex')}`
