/**
 * What keeping and decrypting every byte costs per handshake.
 * @module
 */
import { connect } from 'node:tls'
import { startLab } from '../harness/lab/lab.ts'
import { attempt } from '../harness/probe/attempt.ts'
import type { Endpoint } from '../harness/probe/types.ts'
import { type Figure, median, spread, timed } from './stats.ts'

const host = 'www.harness.test'

/** A plain Node TLS connection with one request, and the same through the probe, in turn. */
export async function benchTranscript(dir: string): Promise<Figure[]> {
  const lab = await startLab({ dir: `${dir}/lab` })
  const endpoint: Endpoint = { hostname: host, address: lab.edge.host, port: lab.edge.port }
  try {
    const rows: Figure[] = []
    for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
      const plain = await timed(200, () => plainRequest(endpoint, version))
      const probed = await timed(200, () => attempt({ endpoint, proof: {}, version, path: '/temps' }))
      rows.push(
        { what: `${version} plain`, value: spread(plain) },
        {
          what: `${version} with transcript`,
          value: `${spread(probed)}, ${(median(probed) / median(plain)).toFixed(2)} × plain`,
        },
      )
    }
    return rows
  } finally {
    await lab.close()
  }
}

function plainRequest(endpoint: Endpoint, version: 'TLSv1.2' | 'TLSv1.3'): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({
      host: endpoint.address,
      port: endpoint.port,
      servername: host,
      minVersion: version,
      maxVersion: version,
      rejectUnauthorized: false,
      ALPNProtocols: ['http/1.1'],
    })
    socket.write(`GET /temps HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`)
    socket.resume()
    socket.once('close', () => resolve())
    socket.once('error', reject)
  })
}
