/**
 * Ways to look at a lab, for the table of faults.
 * @module
 */
import { X509Certificate } from 'node:crypto'
import type { GoodId, Mint } from '../../pki/mint.ts'
import type { DefectId, Identity } from '../../pki/types.ts'
import { runScript } from '../../wire/client/run.ts'
import { readTranscript } from '../../wire/transcript.ts'
import { forwardedHeaders, telemetry } from '../hostnames.ts'
import { createLabMaterial, type Lab, type LabMaterial, startLab } from '../lab.ts'
import { inWords, originSaw, type Seen, type Sent, send } from './client.ts'
import { mintFor } from './mint.ts'
import { canaryScript } from './scripted.ts'

/** What every row may use. */
export interface Bench {
  material: LabMaterial
  healthy: Lab
  mint: Mint
}

let current: Bench | undefined

/** Makes the bench; its healthy lab is to be closed by the caller. */
export async function setUpBench(): Promise<Bench> {
  const material = await createLabMaterial()
  current = { material, healthy: await startLab({ material }), mint: mintFor(material) }
  return current
}

function bench(): Bench {
  if (current === undefined) throw new Error('setUpBench() first')
  return current
}

/** Looks at a lab and says what it saw, in a few words. */
export type Show = (lab: Lab) => Promise<string>

/** Whose certificate is shown. */
export type Identify = GoodId | DefectId | 'partner' | 'public'

/** The result of one request, in a few words. */
export const words =
  (sent: Sent = {}, who?: Identify): Show =>
  async (lab) =>
    inWords(await request(lab, sent, who))

/** An identity by its name. */
export const identified = async (who: Identify): Promise<Identity> => {
  if (who === 'partner' || who === 'public') return bench().material.identities[`${who}-001`]
  return bench().mint.get(who)
}

/** What the tickets of a connection with a valid certificate allow. */
export const ticketsOf =
  (version: 'TLSv1.2' | 'TLSv1.3'): Show =>
  async (lab) => {
    const script = { ...canaryScript(lab), version, identity: await identified('valid') }
    const { tickets } = readTranscript(await runScript(script))
    return tickets.map(({ maxEarlyData = 0 }) => `early data ${maxEarlyData}`).join() || 'none'
  }

/** ticket_lifetime_hint [9] of 30 days in OpenSSL's SSL_SESSION. */
const thirtyDays = 'a9050203278d00'

/** How long the session of a connection with a valid certificate is said to be good. */
export const lifetimeOf =
  (version: 'TLSv1.2' | 'TLSv1.3'): Show =>
  async (lab) => {
    const { sessions } = await request(lab, { version }, 'valid')
    const session = sessions.at(-1)?.toString('hex')
    return session === undefined ? 'none' : session.includes(thirtyDays) ? '30 days' : 'another'
  }

/** Sends a request as somebody. */
export async function request(lab: Lab, sent: Sent, who?: Identify): Promise<Seen> {
  if (who === undefined) return send(lab, sent)
  return send(lab, { ...sent, identity: await identified(who) })
}

/** What the origin was told in one header, by a valid client or by another. */
export const told =
  (name: string, sent: Sent = {}, who: Identify | undefined = 'valid'): Show =>
  async (lab) =>
    originSaw(await request(lab, sent, who), name).join('+') || 'nothing'

/** A header of the answer. */
export const answerHeader =
  (name: string, sent: Sent = {}, who?: Identify): Show =>
  async (lab) =>
    (await request(lab, sent, who)).headers.find(([key]) => key === name)?.[1] ?? 'absent'

/** Full handshake on `from`, then its session on `to`. */
export const resumed =
  (version: 'TLSv1.2' | 'TLSv1.3', from: string, to: string, whoFirst?: Identify, whoThen?: Identify): Show =>
  async (lab) => {
    const { sessions } = await request(lab, { version, to: from }, whoFirst)
    const session = sessions.at(-1)
    const seen = await request(lab, { version, to, session }, whoThen)
    return `${seen.resumed ? 'resumed' : 'full'} ${inWords(seen)}`
  }

/** Something about the server certificate. */
export const serverCertificate =
  (read: (certificate: X509Certificate) => string): Show =>
  async (lab) =>
    read(new X509Certificate((await send(lab, {})).peerCertificate))

/** What the healthy edge shows, and what the faulty one. */
export interface Row {
  show: Show
  healthy: string | RegExp
  faulty: string | RegExp
}

/** The field of a valid client, compared with what the healthy edge tells. */
export const wrongField = (field: keyof typeof forwardedHeaders): Row => ({
  show: async (lab) => {
    const { [field]: name } = forwardedHeaders
    return String(
      (await told(name, { to: telemetry.hostname })(lab)) ===
        (await told(name, { to: telemetry.hostname })(bench().healthy)),
    )
  },
  healthy: 'true',
  faulty: 'false',
})
