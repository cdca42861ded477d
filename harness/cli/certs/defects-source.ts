/**
 * What `harness certs defects` makes certificates from: a deployment file, a CA, or nothing.
 * @module
 */
import { randomBytes } from 'node:crypto'
import { loadDeployment } from '../../deployment/load.ts'
import { mintSource } from '../../deployment/mint-source.ts'
import { HarnessError } from '../../errors.ts'
import { type Authority, createAuthority } from '../../pki/authority.ts'
import { readCrl } from '../../pki/crl.ts'
import { readCertificates } from '../../pki/identity.ts'
import { createMint, type Mint } from '../../pki/mint.ts'
import { decodeName } from '../../pki/names.ts'
import { readInput } from './files.ts'
import { type CaOptions, readCa } from './options.ts'

/** Options that say what they are made from. */
export interface SourceOptions extends CaOptions {
  deployment?: string
  hostname?: string
  crl?: string
}

/** What they are made from. */
export interface DefectSource {
  mint: Mint
  /** The CA that is imitated, where one is known; `partial`: it is not the root of its chain. */
  ca?: { cert: string; subject: string; partial: boolean }
  /** Key of a CA that was made for this. */
  newKey?: string
  crl?: Buffer
}

/** @throws HarnessError ERR_USAGE and what the loading of files throws. */
export async function sourceOf(options: SourceOptions): Promise<DefectSource> {
  if (options.deployment !== undefined) return ofDeployment(options.deployment, options)
  if (options.hostname !== undefined)
    throw new HarnessError('ERR_USAGE', '--hostname is one of a deployment file', {
      hint: 'add --deployment <file>',
    })
  const given = await readCa(options)
  const authority = given ?? (await createAuthority({ name: 'CN=harness defects CA' }))
  const crl =
    options.crl === undefined ? Buffer.from(await newCrl(authority)) : await readInput(options.crl, 'the CRL')
  readCrl(crl)
  const { cert, chain, key, subject } = authority
  return {
    mint: createMint({ authority: { cert: cert + chain, key }, crl }),
    ca: { cert, subject, partial: chain !== '' },
    crl,
    ...(given === undefined ? { newKey: key } : {}),
  }
}

const newCrl = (authority: Authority): Promise<string> =>
  authority.crl({
    revoked: [{ serial: `4${randomBytes(16).toString('hex').slice(1)}` }],
    nextUpdate: new Date(Date.now() + 365 * 86_400_000),
  })

async function ofDeployment(file: string, { hostname, ...other }: SourceOptions): Promise<DefectSource> {
  const { ca, caCert, caKey, crl } = other
  if ([ca, caCert, caKey, crl].some((one) => one !== undefined))
    throw new HarnessError('ERR_USAGE', 'CA and CRL are those of the deployment file', {
      hint: 'give --deployment, or --ca (--ca-cert, --ca-key) and --crl',
    })
  const { target: own, siblings } = await loadDeployment(file)
  const target = [own, ...siblings].find((one) => hostname === undefined || one.hostname === hostname)
  if (target === undefined)
    throw new HarnessError('ERR_USAGE', `${hostname} is no hostname of ${file}`, {
      hint: `it has ${[own, ...siblings].map((one) => one.hostname).join(', ')}`,
    })
  const { mtls } = target
  const cert = mtls?.ca?.cert ?? mtls?.caCert
  return {
    mint: createMint(mintSource(target, [])),
    ...(cert === undefined ? {} : { ca: { cert, subject: subjectOf(cert), partial: true } }),
    ...(mtls?.crl === undefined ? {} : { crl: mtls.crl }),
  }
}

const subjectOf = (cert: string): string => decodeName(readCertificates(cert)[0].subject).rfc4514
