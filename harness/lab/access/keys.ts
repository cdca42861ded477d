/**
 * The keys that sign Access tokens: two at a time, the current one and the one before while it is still honoured.
 * Validators have to pick by `kid` (developers.cloudflare.com cloudflare-one, "Validate JWTs").
 * @module
 */
import { buildCertificate } from '../../pki/certificate.ts'
import { basicConstraints, subjectKeyIdentifier } from '../../pki/extensions.ts'
import { generateKey, keyIdentifier, keyToPem, publicKeyInfo } from '../../pki/keys.ts'
import { commonName } from '../../pki/names.ts'
import { toPem } from '../../pki/pem.ts'
import type { AccessKeys, AccessSigningKey } from '../state/access-types.ts'
import { newTag } from '../state/ids.ts'

const day = 86_400_000

/** Keys rotate every six weeks unless the operator says otherwise. */
export const defaultRotationDays = 42

/** The previous key is honoured for this many milliseconds after a rotation: seven days. */
export const previousKeyHonoured = 7 * day

/** An RS256 key with a self-signed certificate of ten years. Takes about 0.1 s. @param now epoch milliseconds. */
export async function createSigningKey(now: number): Promise<AccessSigningKey> {
  const key = await generateKey('rsa-2048')
  const publicKey = publicKeyInfo(key)
  const kid = newTag()
  const name = commonName(kid)
  const der = buildCertificate({
    subject: name,
    issuer: name,
    notBefore: new Date(now),
    notAfter: new Date(now + 3650 * day),
    publicKey,
    extensions: [basicConstraints(false), subjectKeyIdentifier(keyIdentifier(publicKey))],
    signer: key,
  })
  return {
    kid,
    privateKey: keyToPem(key),
    certificate: toPem('CERTIFICATE', der),
    createdAt: new Date(now).toISOString(),
  }
}

/** Keys of a new organization: a current one, and none before it. */
export async function createKeys(now: number): Promise<AccessKeys> {
  return {
    rotationIntervalDays: defaultRotationDays,
    lastRotationAt: new Date(now).toISOString(),
    current: await createSigningKey(now),
    previous: undefined,
  }
}

/** Makes `next` the current key; the current one becomes the previous. Synchronous: nothing comes in between. */
export function putInForce(keys: AccessKeys, next: AccessSigningKey, now: number): void {
  keys.previous = keys.current
  keys.current = next
  keys.lastRotationAt = new Date(now).toISOString()
}

/** Rotates: a fresh key signs from now on. The caller calls `store.changed()`. @param now epoch milliseconds. */
export async function rotateKeys(state: { keys: AccessKeys }, now: number): Promise<void> {
  const next = await createSigningKey(now)
  putInForce(state.keys, next, now)
}

/** The moment of the next rotation, epoch milliseconds. */
export const nextRotationAt = ({ lastRotationAt, rotationIntervalDays }: AccessKeys): number =>
  Date.parse(lastRotationAt) + rotationIntervalDays * day

/**
 * Rotates when the interval is over; to be called by whoever is about to sign. Nothing runs in the background.
 * @returns whether it did: then the caller calls `store.changed()`.
 */
export async function rotateWhenDue(state: { keys: AccessKeys }, now: number): Promise<boolean> {
  if (now < nextRotationAt(state.keys)) return false
  const next = await createSigningKey(now)
  // Another caller may have rotated while this key was made.
  if (now < nextRotationAt(state.keys)) return false
  putInForce(state.keys, next, now)
  return true
}

/** The keys whose signatures are honoured: the current one first. */
export function verificationKeys(keys: AccessKeys, now: number): AccessSigningKey[] {
  const { current, previous, lastRotationAt } = keys
  const honoured = previous !== undefined && now < Date.parse(lastRotationAt) + previousKeyHonoured
  return honoured ? [current, previous] : [current]
}
