/**
 * One hostname of a deployment file: the deployment's own, or a sibling.
 * @module
 */

import { commonNameIn } from '../pki/common-name.ts'
import type { Identity } from '../pki/types.ts'
import { readAccess } from './access.ts'
import { compact } from './compact.ts'
import { parseConnect, parseHostname } from './connect.ts'
import { readCa, readIdentities, readPem, readRevocations } from './credentials.ts'
import type { MtlsForm, RequestForm, TargetForm } from './form.ts'
import { type Path, quoted } from './problems.ts'
import type { Reading } from './reading.ts'
import type { MtlsExpectation, StatusValues, Target } from './types.ts'

/** Values of the status header where the file gives none. */
export const defaultStatusValues: StatusValues = { none: 'none', valid: 'valid', invalid: 'invalid' }

/** Reads a hostname's part of the file; what cannot be used is noted and left out. */
export async function readTarget(
  reading: Reading,
  form: TargetForm,
  path: Path,
  parent?: Target,
): Promise<Target> {
  const { connect } = form
  const hostname = readHostname(reading, form.hostname, [...path, 'hostname'])
  const to =
    connect === undefined
      ? parent
      : reading.text([...path, 'connect'], 'ADDRESS:PORT', () => parseConnect(connect))
  const [trust, mtls, access] = await Promise.all([
    readPem(reading, [...path, 'trust'], form.trust),
    form.mtls === undefined ? undefined : readMtls(reading, form.mtls, [...path, 'mtls']),
    readAccess(reading, form.access, [...path, 'access']),
  ])
  return compact({
    hostname,
    address: to?.address,
    port: to?.port ?? 443,
    trust: trust ?? parent?.trust,
    canary: form.canary ?? parent?.canary,
    requests: form.requests?.flatMap(readRequest) ?? parent?.requests ?? [],
    mtls,
    access,
  })
}

/** The hostname, or '' with the problem noted. */
export function readHostname(reading: Reading, text: string | undefined, path: Path): string {
  if (text === undefined) return ''
  return reading.text(path, 'a hostname', () => parseHostname(text)) ?? ''
}

function readRequest(form: RequestForm | undefined): Target['requests'] {
  if (form?.path === undefined || form.allowed === undefined) return []
  const { status, bodyContains, headers } = form.allowed
  const lower =
    headers && Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value] as const)
  const allowed = compact({ status, bodyContains, headers: lower && Object.fromEntries(lower) })
  return [{ path: form.path, method: form.method ?? 'GET', allowed }]
}

async function readMtls(reading: Reading, form: MtlsForm, path: Path): Promise<MtlsExpectation> {
  const list = (key: 'strangers' | 'publicCertificates'): Promise<Identity[]> | undefined =>
    form[key] === undefined ? undefined : readIdentities(reading, form[key], [...path, key])
  const [refusal, identities, strangers, publicCertificates, ca, crl] = await Promise.all([
    readRefusal(reading, form.refusal, [...path, 'refusal']),
    readIdentities(reading, form.identities, [...path, 'identities']),
    list('strangers'),
    list('publicCertificates'),
    readCa(reading, form.ca, [...path, 'ca']),
    readRevocations(reading, form.crl, [...path, 'crl']),
  ])
  checkNames(reading, form, identities, path)
  const forwarded = { ...form.forwarded }
  const owners = new Map<string, string>()
  for (const [field, header] of Object.entries(forwarded)) {
    const owner = owners.get(header.toLowerCase())
    if (owner !== undefined) {
      reading.fail('ERR_DEPLOYMENT_INVALID', [...path, 'forwarded', field], `is the same header as ${owner}`)
    }
    owners.set(header.toLowerCase(), field)
  }
  return compact({
    mode: form.mode ?? 'off',
    refusal,
    identities,
    commonNames: form.commonNames,
    strangers,
    publicCertificates,
    ...ca,
    crl,
    forwarded,
    statusValues: { ...defaultStatusValues, ...form.statusValues },
  })
}

/** A list of names is about who is let in, so a valid identity that it leaves out is a contradiction. */
function checkNames(
  reading: Reading,
  { mode, commonNames, identities: forms }: MtlsForm,
  identities: readonly Identity[],
  path: Path,
): void {
  if (commonNames === undefined) return
  if (mode === 'report' || mode === 'off')
    reading.fail(
      'ERR_DEPLOYMENT_INVALID',
      [...path, 'commonNames'],
      `is of no use with mode ${mode}: nobody is refused then`,
    )
  for (const identity of identities) {
    const name = commonNameIn(identity)
    if (name !== undefined && commonNames.includes(name)) continue
    const index = forms?.findIndex((form) => form?.name === identity.name) ?? -1
    reading.fail(
      'ERR_DEPLOYMENT_INVALID',
      [...path, 'identities', index],
      `its common name ${name === undefined ? 'is missing' : `${quoted(name)} is not listed`}: commonNames says who is let in`,
      'list it there; a certificate of the CA that is not let in belongs in strangers',
    )
  }
}

async function readRefusal(
  reading: Reading,
  form: MtlsForm['refusal'],
  path: Path,
): Promise<MtlsExpectation['refusal']> {
  if (form === undefined) return undefined
  const { status, contentType, bodyText } = form
  const text = bodyText === undefined ? undefined : Buffer.from(bodyText, 'utf8')
  const body = text ?? (await reading.file([...path, 'body'], form.body))
  return compact({ status, contentType, body })
}
