/**
 * Identities, CAs and CRLs of a deployment file, from their files.
 * @module
 */
import { loadAuthority } from '../pki/authority.ts'
import { readCrl } from '../pki/crl.ts'
import { loadIdentity, loadPkcs12, readCertificates } from '../pki/identity.ts'
import { keyMatches, readPrivateKey } from '../pki/keys.ts'
import { certificatesIn, certificatesToPem } from '../pki/pem.ts'
import type { Identity } from '../pki/types.ts'
import type { IdentityForm, MtlsForm } from './form.ts'
import type { Path } from './problems.ts'
import type { Reading } from './reading.ts'
import type { MtlsExpectation } from './types.ts'

/** Largest CRL: 64 MiB. Public CAs have some of 20. */
const maxCrl = 64 << 20

/** The identities that can be loaded; problems with the others are noted. */
export async function readIdentities(
  reading: Reading,
  forms: MtlsForm['identities'],
  path: Path,
): Promise<Identity[]> {
  const names = new Map<string, number>()
  const all = (forms ?? []).map((form, index) => {
    const earlier = form?.name === undefined ? undefined : names.get(form.name)
    const at = [...path, index]
    if (earlier !== undefined) {
      reading.fail('ERR_DEPLOYMENT_INVALID', [...at, 'name'], `already the name of identity ${earlier + 1}`)
    } else if (form?.name !== undefined) names.set(form.name, index)
    return form === undefined ? undefined : readIdentity(reading, form, at)
  })
  return (await Promise.all(all)).filter((one) => one !== undefined)
}

/** One identity, or undefined with its problems noted. */
export async function readIdentity(
  reading: Reading,
  form: IdentityForm,
  path: Path,
): Promise<Identity | undefined> {
  const { name = '' } = form
  if (form.pfx !== undefined) {
    const pfx = await reading.file([...path, 'pfx'], form.pfx)
    const passphrase = reading.secret(form.passphrase)
    if (pfx === undefined || reading.blamed([...path, 'passphrase'])) return undefined
    const file = reading.shown([...path, 'pfx'], form.pfx)
    const files = file === undefined ? {} : { files: { cert: file, key: file, form: 'P12' as const } }
    return reading.try(
      [...path, 'pfx'],
      () => ({ ...loadPkcs12({ name, pfx, passphrase: passphrase ?? '' }), ...files }),
      ({ code }) => secretPath(form, path, 'pfx', code),
    )
  }
  const pair = await readPair(reading, form, path)
  if (pair === undefined) return undefined
  const [cert, key] = (['cert', 'key'] as const).map((part) => reading.shown([...path, part], form[part]))
  const files = cert === undefined || key === undefined ? {} : { files: { cert, key } }
  // Both were readable by themselves: what is left to go wrong is that they do not belong together.
  return reading.try([...path, 'key'], () => ({ ...loadIdentity({ name, ...pair }), ...files }))
}

/** The client CA: with its key where that is given. */
export async function readCa(
  reading: Reading,
  form: MtlsForm['ca'],
  path: Path,
): Promise<Pick<MtlsExpectation, 'ca' | 'caCert'>> {
  if (form === undefined) return {}
  if (form.key === undefined) {
    const cert = await readPem(reading, [...path, 'cert'], form.cert)
    return cert === undefined ? {} : { caCert: cert }
  }
  const pair = await readPair(reading, form, path)
  if (pair === undefined) return {}
  const authority = await reading.tryAsync(
    [...path, 'key'],
    () => loadAuthority(pair),
    () => [...path, belongs(pair) ? 'cert' : 'key'],
  )
  if (authority === undefined) return {}
  // A bundle keeps its other certificates, behind the CA's own.
  const own = certificatesIn(authority.cert)
  const others = certificatesIn(pair.cert).filter((der) => !own.some((one) => one.equals(der)))
  const cert = certificatesToPem([...own, ...others])
  return { ca: { cert, key: authority.key }, caCert: cert }
}

/** A CRL, as its file holds it. */
export async function readRevocations(
  reading: Reading,
  text: string | undefined,
  path: Path,
): Promise<Buffer | undefined> {
  const contents = await reading.file(path, text, maxCrl)
  return contents === undefined || reading.try(path, () => readCrl(contents)) === undefined
    ? undefined
    : contents
}

/** The text of a PEM file with certificates. */
export async function readPem(
  reading: Reading,
  path: Path,
  text: string | undefined,
): Promise<string | undefined> {
  const contents = (await reading.file(path, text))?.toString('utf8')
  if (contents === undefined || reading.try(path, () => readCertificates(contents)) === undefined)
    return undefined
  return contents
}

async function readPair(
  reading: Reading,
  form: { cert?: string; key?: string; passphrase?: string },
  path: Path,
): Promise<{ cert: string; key: string; passphrase?: string } | undefined> {
  const [cert, keyFile] = await Promise.all([
    readPem(reading, [...path, 'cert'], form.cert),
    reading.file([...path, 'key'], form.key),
  ])
  const key = keyFile?.toString('utf8')
  if (key === undefined || reading.blamed([...path, 'passphrase'])) return undefined
  const passphrase = reading.secret(form.passphrase)
  const secret = passphrase === undefined ? {} : { passphrase }
  const readable = reading.try(
    [...path, 'key'],
    () => readPrivateKey(key, passphrase),
    ({ code }) => secretPath(form, path, 'key', code),
  )
  return readable === undefined || cert === undefined ? undefined : { cert, key, ...secret }
}

function belongs({ cert, key, passphrase }: { cert: string; key: string; passphrase?: string }): boolean {
  const privateKey = readPrivateKey(key, passphrase)
  return readCertificates(cert).some(({ publicKey }) => keyMatches(privateKey, publicKey))
}

// A wrong passphrase is the passphrase's problem; a missing one is the key's.
const secretPath = (form: { passphrase?: string }, path: Path, file: 'key' | 'pfx', code: string): Path =>
  code === 'ERR_PASSPHRASE' && form.passphrase !== undefined ? [...path, 'passphrase'] : [...path, file]
