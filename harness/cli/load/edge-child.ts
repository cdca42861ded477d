/**
 * The embedded edge with its origins in a process of its own, so that its CPU time can be told from everything else.
 * The parent sends the material and gets the port; when the channel closes, it ends.
 * @module
 */
import { startLab } from '../../lab/lab.ts'
import type { LabMaterial } from '../../lab/material.ts'

/** What the child says. */
export type EdgeAnswer = { port: number } | { error: string }

process.once('disconnect', () => process.exit(0))
process.once('message', (material: LabMaterial) => {
  // Ctrl-C reaches the whole process group; the parent decides when this one ends.
  process.on('SIGINT', () => undefined)
  startLab({ material }).then(
    ({ edge }) => process.send?.({ port: edge.port } satisfies EdgeAnswer),
    (error: Error) => process.send?.({ error: error.message } satisfies EdgeAnswer),
  )
})
