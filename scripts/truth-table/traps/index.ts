/**
 * Every trap.
 * @module
 */
import { caddyTraps } from './caddy.ts'
import { haproxyTraps } from './haproxy.ts'
import { httpdTraps } from './httpd.ts'
import { nginxTraps } from './nginx.ts'
import { nginxRequestTraps } from './nginx-requests.ts'
import { nodeTraps } from './node.ts'
import type { Trap } from './trap.ts'

/** In the order of the table. */
export const traps: readonly Trap[] = [
  ...nginxTraps,
  ...nginxRequestTraps,
  ...httpdTraps,
  ...haproxyTraps,
  ...caddyTraps,
  ...nodeTraps,
]
