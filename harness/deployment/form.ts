/**
 * The deployment file's form, after `schema.json`. Everything is optional because values with problems are taken out
 * before the rest is read, so that all problems of a file come in one message.
 * @module
 */
import type {
  AccessExpectation,
  DrillExpectation,
  ForwardedField,
  Mode,
  OriginExpectation,
  StatusValues,
} from './types.ts'

/** A client certificate with its key: PEM files or one PKCS#12 file. `passphrase` is the reference, not its value. */
export interface IdentityForm {
  name?: string
  cert?: string
  key?: string
  pfx?: string
  passphrase?: string
}

/** `mtls`. */
export interface MtlsForm {
  mode?: Mode
  refusal?: { status?: number; contentType?: string; body?: string; bodyText?: string }
  identities?: (IdentityForm | undefined)[]
  commonNames?: string[]
  strangers?: (IdentityForm | undefined)[]
  publicCertificates?: (IdentityForm | undefined)[]
  ca?: { cert?: string; key?: string; passphrase?: string }
  crl?: string
  forwarded?: Partial<Record<ForwardedField, string>>
  statusValues?: Partial<StatusValues>
}

/** A service token; `secret` is the reference, not its value. */
export interface ServiceTokenForm {
  id?: string
  secret?: string
  secretFile?: string
}

/** `access`; `token` and `session` are references, not values. */
export interface AccessForm {
  team?: string
  connect?: string
  audience?: string
  serviceToken?: ServiceTokenForm
  otherServiceToken?: ServiceTokenForm
  token?: string
  tokenFile?: string
  session?: string
  sessionFile?: string
  signing?: { key?: string }
  with?: AccessExpectation['with']
  strict?: boolean
  commonNames?: string[]
}

/** A certificate with its key; `passphrase` is a reference. */
export interface CertificateForm {
  cert?: string
  key?: string
  passphrase?: string
}

/** `origin`. */
export interface OriginForm {
  address?: string
  tls?: boolean
  pulls?: OriginExpectation['pulls']
  identity?: CertificateForm
  otherIdentity?: CertificateForm
  allowList?: boolean
  plainPorts?: number[]
  validates?: boolean | string
}

/** `drill`. */
export interface DrillForm {
  hostname?: string
  connect?: string
  origin?: string
  originMode?: DrillExpectation['originMode']
  identity?: CertificateForm
  originCommand?: string
}

/** `controlPlane`; `token` is the reference, not its value. */
export interface ControlPlaneForm {
  baseURL?: string
  zone?: string
  account?: string
  token?: string
  tokenFile?: string
  writeToken?: string
  writeTokenFile?: string
}

/** One of `requests`. */
export interface RequestForm {
  path?: string
  method?: string
  allowed?: { status?: number | number[]; bodyContains?: string; headers?: Record<string, string> }
}

/** What the deployment and a sibling have in common. */
export interface TargetForm {
  hostname?: string
  connect?: string
  trust?: string
  canary?: string
  requests?: (RequestForm | undefined)[]
  mtls?: MtlsForm
  access?: AccessForm
}

/** The whole file. */
export interface FileForm extends TargetForm {
  siblings?: (string | TargetForm | undefined)[]
  ports?: { plain?: number[]; tls?: number[] }
  origin?: OriginForm
  controlPlane?: ControlPlaneForm
  drill?: DrillForm
  deadline?: string | number
  waivers?: ({ check?: string; until?: string; reason?: string } | undefined)[]
}

/** A copy of a file's value without the values at `paths`; lists keep their indexes. */
export function withoutValues(value: unknown, paths: readonly (readonly (string | number)[])[]): FileForm {
  const root = { value: structuredClone(value) }
  for (const path of paths) {
    let node: unknown = root
    for (const part of ['value', ...path].slice(0, -1)) node = isContainer(node) ? node[part] : undefined
    const last = path.at(-1) ?? 'value'
    if (Array.isArray(node)) node[Number(last)] = undefined
    else if (isContainer(node)) delete node[last]
  }
  return isContainer(root.value) && !Array.isArray(root.value) ? root.value : {}
}

const isContainer = (node: unknown): node is Record<string | number, unknown> =>
  typeof node === 'object' && node !== null
