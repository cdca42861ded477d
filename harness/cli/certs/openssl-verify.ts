/**
 * What `openssl verify` on this machine says about an identity.
 * @module
 */
import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { certificatesIn, certificatesToPem } from '../../pki/pem.ts'
import type { Identity } from '../../pki/types.ts'

const run = promisify(execFile)

/** What is trusted: PEM. */
export interface VerifyFiles {
  ca: string
  crl: string
  /** The CA is no root: it is trusted as it is. */
  partial: boolean
}

/** `OpenSSL 3.0.19 …`, undefined where there is no openssl. */
export async function opensslVersion(): Promise<string | undefined> {
  return run('openssl', ['version']).then(
    ({ stdout }) => stdout.trim(),
    () => undefined,
  )
}

/**
 * `OK`, or the first error with its depth. Asked at security level 2, for client authentication; with the CRL for a leaf
 * that the CA itself has issued, as openssl wants a CRL from every issuer in turn.
 */
export async function opensslVerdict(identity: Identity, trust: VerifyFiles): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'harness-certs-'))
  try {
    const [leaf = Buffer.alloc(0), ...rest] = certificatesIn(identity.cert)
    await writeFile(join(folder, 'ca.pem'), trust.ca)
    await writeFile(join(folder, 'leaf.pem'), certificatesToPem([leaf]))
    await writeFile(join(folder, 'rest.pem'), certificatesToPem(rest))
    await writeFile(join(folder, 'crl.pem'), trust.crl)
    const args = [
      'verify',
      '-CAfile',
      'ca.pem',
      '-no-CApath',
      '-no-CAstore',
      '-purpose',
      'sslclient',
      '-auth_level',
      '2',
    ]
    if (trust.partial) args.push('-partial_chain')
    if (rest.length > 0) args.push('-untrusted', 'rest.pem')
    if (identity.defect === 'revoked') args.push('-crl_check', '-CRLfile', 'crl.pem')
    return await run('openssl', [...args, 'leaf.pem'], { cwd: folder, timeout: 10_000 }).then(
      () => 'OK',
      verdict,
    )
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

function verdict(error: unknown): string {
  const {
    code,
    stdout = '',
    stderr = '',
  } = error as { code?: string | number; stdout?: string; stderr?: string }
  if (code === 'ENOENT') return 'openssl is not installed here'
  const match = /error \d+ at (\d+) depth lookup: ?(.*)/.exec(stdout + stderr)
  return match === null ? 'openssl failed' : `${match[2]} (depth ${match[1]})`
}
