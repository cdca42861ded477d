/**
 * One way to write or dress a request that rules written for the plain one may miss: the form of the tables beside this file.
 * @module
 */
import type { CheckMeta } from '../../fixtures/catalogue.ts'
import type { Site, Variant } from './closed.ts'

/** One check. */
export interface Row extends Pick<CheckMeta, 'title' | 'grounds' | 'killedBy' | 'why' | 'sends'> {
  id: string
  severity?: CheckMeta['severity']
  profile?: CheckMeta['profile']
  connections?: number
  /** Default: one rule that covers everything. */
  remediation?: string
  /** From a path that is protected. */
  variants: (path: string, site: Site) => Variant[]
  /** The requests could change something: they go to the canary's path, or to one that no application has. */
  writes?: true
  /** From a path below a declared one, where nothing is that could be changed. */
  below?: (path: string) => Variant[]
  /** The path does not matter: one is enough. */
  once?: true
}

/** One that knows nothing but the path. */
export interface PathRow extends Row {
  variants: (path: string) => Variant[]
}

/** Plain requests for paths. */
export const each = (...paths: string[]): Variant[] => paths.map((path) => ({ path }))

/** Requests that edges and servers often answer themselves. */
export const answered = (...variants: Variant[]): Variant[] =>
  variants.map((one) => ({ ...one, mayBeAnswered: true }))

/** A header of a request. */
export const header = (name: string, value: string): Pick<Variant, 'headers'> => ({
  headers: [[name, value]],
})
