/**
 * `access`, `origin` and `controlPlane` of a deployment file.
 * @module
 */
import { X509Certificate } from 'node:crypto'
import { HarnessError } from '../errors.ts'
import { keyToPem, readPrivateKey } from '../pki/keys.ts'
import type { Identity } from '../pki/types.ts'
import { isTeamDomain } from './access-answer.ts'
import { compact } from './compact.ts'
import { parseConnect, parseHostname } from './connect.ts'
import { readIdentity } from './credentials.ts'
import type { AccessForm, CertificateForm, ControlPlaneForm, OriginForm, ServiceTokenForm } from './form.ts'
import { isLocal } from './local.ts'
import { type Path, quoted } from './problems.ts'
import type { Reading } from './reading.ts'
import { readSecret } from './secret.ts'
import type { AccessExpectation, ControlPlane, OriginExpectation, ServiceToken } from './types.ts'

/** Access of one hostname; undefined where it is not declared, or its team cannot be used. */
export async function readAccess(
  reading: Reading,
  form: AccessForm | undefined,
  path: Path,
): Promise<AccessExpectation | undefined> {
  if (form === undefined) return undefined
  const { connect } = form
  const team = readTeam(reading, form.team, [...path, 'team'])
  const to =
    connect === undefined
      ? undefined
      : reading.text([...path, 'connect'], 'ADDRESS:PORT', () => parseConnect(connect))
  const [serviceToken, otherServiceToken, token, session, signingKey] = await Promise.all([
    readServiceToken(reading, form.serviceToken, [...path, 'serviceToken']),
    readServiceToken(reading, form.otherServiceToken, [...path, 'otherServiceToken']),
    readToken(reading, form, path, 'token'),
    readToken(reading, form, path, 'session'),
    readSigningKey(reading, form.signing, [...path, 'signing', 'key']),
  ])
  if (serviceToken !== undefined && serviceToken.id === otherServiceToken?.id) {
    const at = [...path, 'otherServiceToken', 'id']
    reading.fail(
      'ERR_DEPLOYMENT_INVALID',
      at,
      'is the token of serviceToken; give one that must not be accepted',
    )
  }
  if (team === undefined) return undefined
  return compact({
    team,
    teamAddress: to?.address,
    teamPort: to?.port ?? 443,
    audience: form.audience,
    serviceToken,
    otherServiceToken,
    token,
    session,
    signingKey,
    with: form.with ?? 'access',
    strict: form.strict,
    commonNames: form.commonNames,
  })
}

function readTeam(reading: Reading, text: string | undefined, path: Path): string | undefined {
  if (text === undefined) return undefined
  return reading.text(path, 'a team domain', () => {
    const team = parseHostname(text)
    if (isTeamDomain(team)) return team
    const hint = team.includes('.') ? {} : { hint: `did you mean ${team}.cloudflareaccess.com?` }
    throw new HarnessError(
      'ERR_USAGE',
      `${quoted(text)} is not a team domain such as example.cloudflareaccess.com`,
      hint,
    )
  })
}

async function readServiceToken(
  reading: Reading,
  form: ServiceTokenForm | undefined,
  path: Path,
): Promise<ServiceToken | undefined> {
  if (form === undefined) return undefined
  const secret = await readSecret(reading, path, 'secret', form)
  return form.id === undefined || secret === undefined ? undefined : { id: form.id, secret }
}

async function readToken(
  reading: Reading,
  form: AccessForm,
  path: Path,
  key: 'token' | 'session',
): Promise<string | undefined> {
  const token = await readSecret(reading, path, key, form)
  if (token === undefined || /^[\w-]+\.[\w-]+\.[\w-]+$/.test(token)) return token
  const at = [...path, form[`${key}File`] === undefined ? key : `${key}File`]
  const hint = 'it is the value of the CF_Authorization cookie: three parts separated by dots'
  return reading.fail(
    'ERR_DEPLOYMENT_SECRET',
    at,
    key === 'token'
      ? 'what it refers to is not an application token (JWT)'
      : 'what it refers to is not a session (JWT)',
    hint,
  )
}

async function readSigningKey(
  reading: Reading,
  form: AccessForm['signing'],
  path: Path,
): Promise<string | undefined> {
  const contents = await reading.file(path, form?.key)
  if (contents === undefined) return undefined
  const key = reading.try(path, () => readPrivateKey(contents.toString('utf8')))
  if (key === undefined || key.asymmetricKeyType === 'rsa') return key === undefined ? key : keyToPem(key)
  return reading.fail(
    'ERR_DEPLOYMENT_FILE',
    path,
    'is no RSA key: the tokens of Access are signed with RS256',
  )
}

/** The origin; undefined where it is not declared, or its address cannot be used. */
export async function readOrigin(
  reading: Reading,
  form: OriginForm | undefined,
): Promise<OriginExpectation | undefined> {
  if (form === undefined) return undefined
  const { address: text, tls = true, pulls = 'none', plainPorts = [], allowList, validates } = form
  const path = ['origin']
  const to =
    text === undefined
      ? undefined
      : reading.text([...path, 'address'], 'ADDRESS:PORT', () => parseConnect(text))
  const [identity, otherIdentity] = await Promise.all([
    readCertificate(reading, 'edge', form.identity, [...path, 'identity']),
    readCertificate(reading, 'another client of the edge’s CA', form.otherIdentity, [
      ...path,
      'otherIdentity',
    ]),
  ])
  if (identity !== undefined && otherIdentity !== undefined)
    checkOther(reading, identity, otherIdentity, [...path, 'otherIdentity', 'cert'])
  return to === undefined
    ? undefined
    : compact({
        ...to,
        tls,
        pulls,
        identity,
        otherIdentity,
        plainPorts,
        allowList: allowList === true ? allowList : undefined,
        validates: validates === false ? undefined : validates,
      })
}

/** One certificate with its key; undefined where none is given, or it cannot be used. */
export async function readCertificate(
  reading: Reading,
  name: string,
  form: CertificateForm | undefined,
  path: Path,
): Promise<Identity | undefined> {
  return form === undefined ? undefined : readIdentity(reading, { name, ...form }, path)
}

/** A certificate that is refused for its CA says nothing about whether identities are told apart. */
function checkOther(reading: Reading, identity: Identity, other: Identity, path: Path): void {
  const [own, its] = [new X509Certificate(identity.cert), new X509Certificate(other.cert)]
  if (own.subject === its.subject && own.subjectAltName === its.subjectAltName)
    reading.fail('ERR_DEPLOYMENT_INVALID', path, 'is the edge’s own: it has the names of origin.identity')
  else if (own.issuer !== its.issuer)
    reading.fail('ERR_DEPLOYMENT_INVALID', path, 'is not of the CA that issued origin.identity')
}

/** The control plane; undefined where it is not declared, or cannot be used. */
export async function readControlPlane(
  reading: Reading,
  form: ControlPlaneForm | undefined,
): Promise<ControlPlane | undefined> {
  if (form === undefined) return undefined
  const path = ['controlPlane']
  const { baseURL, zone, account } = form
  if (baseURL !== undefined)
    reading.text([...path, 'baseURL'], 'an https:// address', () => checkUrl(baseURL))
  const token = await readSecret(reading, path, 'token', form)
  const writeToken = await readSecret(reading, path, 'writeToken', form)
  if (zone === undefined || account === undefined || token === undefined) return undefined
  return compact({ baseURL, zone, account, token, writeToken })
}

/** The token goes there: never in the clear over a network, never with a password in the address. */
function checkUrl(text: string): void {
  const url = URL.canParse(text) ? new URL(text) : undefined
  const local = url?.protocol === 'http:' && isLocal(url.hostname)
  if (url !== undefined && url.username + url.password + url.search + url.hash !== '')
    throw new HarnessError('ERR_USAGE', 'has more than a host and a path: leave out user, query and fragment')
  if (url?.protocol === 'https:' || local) return
  throw new HarnessError('ERR_USAGE', 'is not an https:// address', {
    hint: 'http:// is taken for 127.0.0.1, [::1] and localhost only: the token would be readable on the way',
  })
}
