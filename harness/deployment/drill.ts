/**
 * `drill` of a deployment file.
 * @module
 */
import { dirname, resolve } from 'node:path'
import { readCertificate } from './access.ts'
import { parseConnect } from './connect.ts'
import type { DrillForm } from './form.ts'
import type { Reading } from './reading.ts'
import { readTarget } from './target.ts'
import type { DrillExpectation, Target } from './types.ts'

/**
 * The hostname for drills; undefined where none is declared, or it cannot be used.
 * @param file the deployment file.
 */
export async function readDrill(
  reading: Reading,
  form: DrillForm | undefined,
  target: Target,
  file: string,
): Promise<DrillExpectation | undefined> {
  if (form === undefined) return undefined
  const path = ['drill']
  const { hostname, connect, origin: text, originMode = 'off', originCommand } = form
  const place = {
    ...(hostname === undefined ? {} : { hostname }),
    ...(connect === undefined ? {} : { connect }),
  }
  const drilled = await readTarget(reading, place, path, target)
  if (drilled.hostname !== '' && drilled.hostname === target.hostname)
    reading.fail(
      'ERR_DEPLOYMENT_INVALID',
      [...path, 'hostname'],
      'is the hostname of the deployment itself: name one that nobody depends on',
    )
  const origin =
    text === undefined
      ? undefined
      : reading.text([...path, 'origin'], 'ADDRESS:PORT', () => parseConnect(text))
  const identity = await readCertificate(reading, 'drill', form.identity, [...path, 'identity'])
  if (origin === undefined || identity === undefined || originCommand === undefined) return undefined
  return { target: drilled, origin, originMode, identity, originCommand, folder: dirname(resolve(file)) }
}
