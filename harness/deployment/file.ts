/**
 * The deployment file as bytes and text.
 * @module
 */
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { DeploymentError } from './problems.ts'
import { fileReason, regular } from './reading.ts'

/** Largest deployment file: 1 MiB. */
const maxSize = 1 << 20

/**
 * Reads a deployment file.
 * @throws {DeploymentError} ERR_DEPLOYMENT_FILE
 */
export async function readDeploymentFile(file: string): Promise<{ bytes: Buffer; text: string }> {
  const fail = (message: string, hint?: string): never => {
    const problem = { code: 'ERR_DEPLOYMENT_FILE', path: [], message } as const
    throw new DeploymentError(file, [hint === undefined ? problem : { ...problem, hint }])
  }
  const full = resolve(file)
  try {
    const { size } = await regular(full)
    if (size > maxSize) fail(`the deployment file is too large: ${size} bytes, at most ${maxSize}`)
    const bytes = await readFile(full)
    return { bytes, text: decode(bytes) ?? fail('the deployment file is not UTF-8 text', 'save it as UTF-8') }
  } catch (error) {
    if (error instanceof DeploymentError) throw error
    return fail(`the deployment file ${fileReason(error)}: ${full}`, 'harness init <hostname> writes one')
  }
}

function decode(bytes: Buffer): string | undefined {
  if (bytes.includes(0)) return undefined
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return undefined
  }
}
