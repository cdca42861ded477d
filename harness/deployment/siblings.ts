/**
 * The other hostnames of a deployment file.
 * @module
 */
import type { FileForm } from './form.ts'
import type { Reading } from './reading.ts'
import { readHostname, readTarget } from './target.ts'
import type { Target } from './types.ts'

/**
 * Reads `siblings`. A bare hostname takes connect, trust and canary from the deployment; a mapping takes requests as
 * well unless it gives its own. Client certificates and Access are never taken over: another hostname is another promise.
 */
export async function readSiblings(
  reading: Reading,
  forms: FileForm['siblings'],
  target: Target,
): Promise<Target[]> {
  const seen = new Map([[target.hostname, 'the deployment itself']])
  const read = (forms ?? []).map(async (form, index): Promise<Target | undefined> => {
    if (form === undefined) return undefined
    const path = ['siblings', index]
    if (typeof form !== 'string') return readTarget(reading, form, path, target)
    const { mtls: _, access: __, ...shared } = target
    return { ...shared, requests: [], hostname: readHostname(reading, form, path) }
  })
  const siblings = await Promise.all(read)
  for (const [index, sibling] of siblings.entries()) {
    if (sibling === undefined || sibling.hostname === '') continue
    const earlier = seen.get(sibling.hostname)
    if (earlier !== undefined) {
      const path = ['siblings', index, ...(typeof forms?.[index] === 'string' ? [] : ['hostname'])]
      reading.fail('ERR_DEPLOYMENT_INVALID', path, `is the same hostname as ${earlier}`)
    } else seen.set(sibling.hostname, `siblings[${index}]`)
  }
  return siblings.filter((sibling) => sibling !== undefined)
}
