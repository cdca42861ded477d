/**
 * The embedded edge with its origins in a process of its own, so that its CPU time can be told from everything else.
 * The parent sends the material and gets the port; asked (`count`), it says which client certificates it saw; when the channel
 * closes, it ends.
 * @module
 */
import { createHash } from 'node:crypto'
import { startLab } from '../../lab/lab.ts'
import type { LabMaterial } from '../../lab/material.ts'

/** What the child is told. `counted`: it counts client certificates; not where its CPU is measured. */
export interface EdgeOrder {
  material: LabMaterial
  counted: boolean
}

/** What the child says. */
export type EdgeAnswer = { port: number } | { error: string }

/** Client certificates seen so far, by the SHA-256 fingerprint of the leaf. */
export interface EdgeCount {
  seen: Record<string, number>
}

const seen: EdgeCount['seen'] = {}

function count(leaf: Buffer): void {
  const fingerprint = createHash('sha256').update(leaf).digest('hex')
  seen[fingerprint] = (seen[fingerprint] ?? 0) + 1
}

process.once('disconnect', () => process.exit(0))
process.once('message', ({ material, counted }: EdgeOrder) => {
  // Ctrl-C reaches the whole process group; the parent decides when this one ends.
  process.on('SIGINT', () => undefined)
  startLab({ material, ...(counted ? { onCertificate: count } : {}) }).then(
    ({ edge }) => {
      process.on('message', () => process.send?.({ seen } satisfies EdgeCount))
      process.send?.({ port: edge.port } satisfies EdgeAnswer)
    },
    (error: Error) => process.send?.({ error: error.message } satisfies EdgeAnswer),
  )
})
