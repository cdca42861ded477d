/**
 * The deployment file of a cell: what an engineer would write for such a server.
 * @module
 */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { hostname, type Material } from '../../fixtures/servers/types.ts'

/** Writes `harness.json` into `dir` and returns its path. */
export async function writeDeployment(
  dir: string,
  { port, marker, material }: { port: number; marker: string; material: Material },
): Promise<string> {
  const file = join(dir, 'harness.json')
  const deployment = {
    hostname,
    connect: `127.0.0.1:${port}`,
    trust: material.serverCa,
    requests: [{ path: '/', method: 'GET', allowed: { status: 200, bodyContains: marker } }],
    mtls: {
      mode: 'enforce',
      identities: [{ name: 'sensor-001', cert: material.clientCert, key: material.clientKey }],
      ca: { cert: material.clientCa, key: material.clientCaKey },
    },
  }
  await writeFile(file, JSON.stringify(deployment, null, 2))
  return file
}
