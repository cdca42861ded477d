/**
 * What a CertificateRequest holds, read by openssl: an opinion that is not ours.
 * @module
 */
import { execFile } from 'node:child_process'
import type { Lab } from '../lab.ts'

/** `not asked`, or the CA names and whether SHA-1 is offered. */
export function certificateRequest(
  lab: Lab,
  hostname: string,
  version: 'tls1_2' | 'tls1_3',
): Promise<string> {
  const args = ['s_client', '-connect', `127.0.0.1:${lab.edge.port}`, '-servername', hostname, `-${version}`]
  return new Promise((resolve) => {
    const child = execFile('openssl', args, { timeout: 10_000 }, (_error, stdout) => {
      const algorithms = /^Requested Signature Algorithms: (.*)$/m.exec(stdout)?.[1]
      const names = /Acceptable client certificate CA names\n((?:.+ = .+\n)*)/.exec(stdout)?.[1] ?? ''
      if (algorithms === undefined) resolve('not asked')
      else
        resolve(`${names.trim().split('\n').length} names${/SHA1(?!\d)/i.test(algorithms) ? ', SHA-1' : ''}`)
    })
    child.stdin?.end()
  })
}
