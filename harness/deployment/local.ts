/**
 * What is on this machine. Pure.
 * @module
 */
import type { ControlPlane } from './types.ts'

/** A name or address of this machine itself, IPv6 with or without brackets. */
export const isLocal = (host: string): boolean => /^(127\.\d+\.\d+\.\d+|\[?::1\]?|localhost)$/.test(host)

/** A control plane on this machine is a lab: changes are made at once, and it bears more than a real zone. */
export const isLocalPlane = ({ baseURL }: Pick<ControlPlane, 'baseURL'>): boolean =>
  baseURL !== undefined && URL.canParse(baseURL) && isLocal(new URL(baseURL).hostname)
