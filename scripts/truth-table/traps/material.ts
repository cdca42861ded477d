/**
 * What the configurations of traps refer to, made by openssl.
 * @module
 */
import { execFile } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { rootCertificates } from 'node:tls'
import { promisify } from 'node:util'
import { needCommand } from '../../../fixtures/servers/command.ts'
import { certificateMaker, type Pair } from '../../../fixtures/servers/material.ts'
import type { Material } from '../../../fixtures/servers/types.ts'
import type { Place } from './trap.ts'

/** Shared by all traps. */
export interface TrapMaterial {
  files: Omit<Place, 'port' | 'otherPort' | 'dir'>
  /** A client of the other CA. */
  other: Pair
}

/** The first public CAs: enough to be public, few enough for every server. */
const publicCas = 20

/** Makes them in `dir`, beside the common material. */
export async function createTrapMaterial(dir: string, material: Material): Promise<TrapMaterial> {
  const make = await certificateMaker(dir)
  const otherCa = await make.selfSigned('other-ca', '/O=other.test/CN=Other Client CA', 'ca')
  const other = await make.issue('theirs', '/O=other.test/CN=theirs', 'client', otherCa)
  const bundle = join(dir, 'bundle.pem')
  const own = await readFile(material.clientCa, 'utf8')
  await writeFile(bundle, `${own}\n${rootCertificates.slice(0, publicCas).join('\n')}\n`)
  const crl = await revocationList(dir, material)
  const { serverCert, serverKey, clientCa: ca } = material
  return { other, files: { serverCert, serverKey, ca, crl, bundle, otherCa: otherCa.cert } }
}

/** A CRL of the client CA with one serial number on it. */
async function revocationList(dir: string, { clientCa, clientCaKey }: Material): Promise<string> {
  const config = join(dir, 'crl.cnf')
  const database = join(dir, 'index.txt')
  // Type, expiry, revocation, serial, file, subject (openssl-ca(1)).
  await writeFile(database, 'R\t400101000000Z\t250101000000Z\t0BADC0DE\tunknown\t/O=mtls.test/CN=stolen\n')
  await writeFile(
    config,
    `[ca]\ndefault_ca = own\n[own]\ndatabase = ${database}\ndefault_md = sha256\ndefault_crl_days = 30\n`,
  )
  const crl = join(dir, 'client-ca.crl')
  const args = ['-gencrl', '-config', config, '-cert', clientCa, '-keyfile', clientCaKey, '-out', crl]
  await promisify(execFile)(needCommand('openssl'), ['ca', ...args])
  return crl
}
