/**
 * The processes of `bench/edge.ts`: an origin, the embedded edge, a bare server. One role each, told by the first message.
 * Needs `--expose-gc`.
 * @module
 */
import { createAccessGate } from '../harness/lab/access/gate.ts'
import { startEdge } from '../harness/lab/edge/edge.ts'
import { defaultLimits } from '../harness/lab/edge/limits.ts'
import type { OriginPlace } from '../harness/lab/edge/origin/dial.ts'
import { selectFaults } from '../harness/lab/faults.ts'
import type { LabMaterial } from '../harness/lab/material.ts'
import { startOrigin } from '../harness/lab/origins/origin.ts'
import { seedState } from '../harness/lab/state/seed.ts'
import { seedAccess } from '../harness/lab/state/seed-access.ts'
import { createStore } from '../harness/lab/state/store.ts'
import { startBareServer } from './bare-server.ts'

/** What a process is to be. */
export type Role =
  | { role: 'origin'; material: LabMaterial }
  | { role: 'edge' | 'bare'; material: LabMaterial; origin: OriginPlace }

/** Where it listens: HTTPS, and HTTPS with HTTP/2 alone where that is another port. */
export interface Listening {
  port: number
  http2Port: number
  tlsPort: number
}

/** What it has used so far. */
export interface Usage {
  /** Microseconds of processor time, user and system. */
  cpu: number
  /** Bytes in the heap after a collection. */
  heap: number
  /** Bytes of the whole process. */
  rss: number
}

const start: Record<Role['role'], (role: Role) => Promise<Listening>> = {
  async origin({ material }) {
    const { port, tlsPort } = await startOrigin({ certificates: material.origin })
    return { port, http2Port: port, tlsPort }
  },
  async edge(role) {
    const { port } = await edge(role)
    return { port, http2Port: port, tlsPort: port }
  },
  async bare(role) {
    const { port, http2Port } = await startBareServer(role.material, originOf(role))
    return { port, http2Port, tlsPort: port }
  },
}

function originOf(role: Role): OriginPlace {
  if (role.role === 'origin') throw new Error('an origin has no origin')
  return role.origin
}

/** The lab's edge as the lab starts it, Access included, but for plain HTTP to the origin: as the bare server does it. */
async function edge(role: Role): Promise<{ port: number }> {
  const { material } = role
  const store = createStore(seedState(material, new Date()))
  for (const { settings } of Object.values(store.state.zones)) settings.ssl.value = 'flexible'
  seedAccess(store, material, undefined)
  const faults = selectFaults([])
  const access = createAccessGate({ store, faults })
  const origins = { main: originOf(role) }
  return startEdge({ material, faults, store, access, origins, limits: defaultLimits, port: 0 })
}

function usage(): Usage {
  globalThis.gc?.()
  const { user, system } = process.cpuUsage()
  const { heapUsed: heap, rss } = process.memoryUsage()
  return { cpu: user + system, heap, rss }
}

process.once('disconnect', () => process.exit(0))
process.once('message', (role: Role) => {
  process.on('message', () => process.send?.(usage()))
  void start[role.role](role).then((listening) => process.send?.(listening))
})
