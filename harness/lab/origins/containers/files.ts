/**
 * The files of one configuration: filled-in templates, certificates, bundle, lists.
 * @module
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { certificatesIn, certificatesToPem } from '../../../pki/pem.ts'
import type { CertificateAndKey } from '../../material.ts'
import type { OriginServerCertificates } from '../material.ts'
import { serverFolder } from './images.ts'
import { type InnerPorts, serverKinds, templateValues, trustFiles } from './servers.ts'
import { fillTemplate } from './template.ts'
import type { ContainerName, ContainerSettings } from './types.ts'

/** A file to be put into a container. */
export interface InnerFile {
  target: string
  content: string
  mode: number
}

/** Everything below `folder` that a server reads with these settings. */
export async function configurationFiles(
  name: ContainerName,
  settings: ContainerSettings,
  certificates: OriginServerCertificates,
  ports: InnerPorts,
  folder: string,
): Promise<InnerFile[]> {
  const { cert, key } = chosen(settings, certificates)
  const values = templateValues(name, settings, ports, folder)
  const file = (target: string, content: string, mode = 0o644): InnerFile => ({
    target: `${folder}/${target}`,
    content,
    mode,
  })
  const templates = serverKinds[name].templates.map(async (template) =>
    file(template, fillTemplate(await readFile(join(serverFolder(name), template), 'utf8'), values)),
  )
  return [
    ...(await Promise.all(templates)),
    file('server.crt', cert),
    file('server.key', key, 0o600),
    file('server.pem', `${cert.trimEnd()}\n${key}`, 0o600),
    file('trust.pem', certificatesToPem(certificatesIn(settings.trust))),
    ...trustFiles(settings.trust).map(({ name: target, content }) => file(target, content)),
    file('crl.pem', settings.crl),
    file('target', settings.target),
  ]
}

function chosen(
  { serverCertificate }: ContainerSettings,
  { good, selfSigned, expired, otherName }: OriginServerCertificates,
): CertificateAndKey {
  return { good, 'self-signed': selfSigned, expired, 'other-name': otherName }[serverCertificate]
}
