/**
 * Identifiers as the API makes them.
 * @module
 */
import { createHash, randomBytes, randomUUID } from 'node:crypto'

/** 32 hex digits: zones, accounts, certificates, rules. */
export const newId = (): string => randomBytes(16).toString('hex')

/** 64 hex digits: audience tags, key ids. */
export const newTag = (): string => randomBytes(32).toString('hex')

/** UUID: Access objects. */
export const newUuid = (): string => randomUUID()

/** What is stored of a secret. */
export const hashOf = (secret: string): string => createHash('sha256').update(secret).digest('hex')
