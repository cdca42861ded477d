/**
 * The server's own count of certificates: the only proof that it read them. From a log that names each client certificate,
 * or from a server that counts itself (the embedded edge).
 * @module
 */
import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { fingerprint, parseCertificate } from '../../../harness/pki/certificate.ts'
import { certificatesIn } from '../../../harness/pki/pem.ts'

/** Something that can say what the server saw. */
export interface Observer {
  /** For people: what is counted. */
  what: string
  /** Addresses of this machine that profiles must come from, because the server tells them apart by it. */
  sources?: ReadonlyMap<string, string>
  /** Certificates of a profile that the server saw since it began; undefined: it cannot tell for this one. */
  sent(profile: string): Promise<number | undefined>
}

/** Certificates by profile, PEM; profiles without one are left out. */
export type Sent = ReadonlyMap<string, { cert: string }>

/** How a log tells of refused certificates that it does not name. */
export interface Refusals {
  /** Address of this machine by profile. */
  sources: ReadonlyMap<string, string>
  /** The line of a certificate that was refused from an address. */
  line: (address: string) => RegExp
}

/**
 * Counts the lines of a log that name a certificate: by SHA-1, SHA-256 or serial number (hexadecimal or decimal), in any case,
 * with or without colons; and those that say one was refused. A log that is not there has no lines.
 */
export function logObserver(file: string, certificates: Sent, what = file, refusals?: Refusals): Observer {
  const marks = marksOf(certificates)
  return {
    what,
    ...(refusals === undefined ? {} : { sources: refusals.sources }),
    async sent(profile) {
      const wanted = marks.get(profile)
      if (wanted === undefined) return undefined
      const address = refusals?.sources.get(profile)
      const refused = address === undefined ? undefined : refusals?.line(address)
      let count = 0
      try {
        for await (const line of createInterface({ input: createReadStream(file) })) {
          const text = plain(line)
          if (wanted.some((mark) => text.includes(mark)) || refused?.test(line) === true) count += 1
        }
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
      }
      return count
    },
  }
}

/** Counts what a server says it saw, by the SHA-256 fingerprint of the leaf. */
export function countObserver(
  counts: () => Promise<Readonly<Record<string, number>>>,
  certificates: Sent,
  what: string,
): Observer {
  const marks = marksOf(certificates)
  return {
    what,
    async sent(profile) {
      const [mark] = marks.get(profile) ?? []
      return mark === undefined ? undefined : ((await counts())[mark] ?? 0)
    },
  }
}

const plain = (text: string): string => text.replaceAll(':', '').toLowerCase()

/** The SHA-256 fingerprint first. */
function marksOf(certificates: Sent): Map<string, string[]> {
  const marks = new Map<string, string[]>()
  for (const [profile, { cert }] of certificates) {
    const [leaf] = certificatesIn(cert)
    if (leaf === undefined) continue
    const serial = BigInt(`0x${parseCertificate(leaf).serial}`)
    // A short one would be in other numbers too.
    const numbers = serial > 0xffff_ffff_ffffn ? [serial.toString(16), String(serial)] : []
    marks.set(profile, [fingerprint(leaf), fingerprint(leaf, 'sha1'), ...numbers].map(plain))
  }
  return marks
}

/** How long a server may take to write what it saw. */
const patience = 2000

/**
 * Counts from now: what the observer has already is taken off. Profiles that are in more than one lane are left out, as
 * the server cannot tell the lanes apart.
 * @returns counts so far by profile; waits a little while there are fewer than `expected`, as servers write after they answer.
 */
export async function countFrom(
  observer: Observer | undefined,
  profiles: readonly string[],
): Promise<(expected: ReadonlyMap<string, number>) => Promise<ReadonlyMap<string, number>>> {
  const single = profiles.filter((one) => profiles.indexOf(one) === profiles.lastIndexOf(one))
  const look = async (): Promise<Map<string, number>> => {
    const counts = new Map<string, number>()
    for (const profile of single) {
      const count = await observer?.sent(profile)
      if (count !== undefined) counts.set(profile, count)
    }
    return counts
  }
  const before = await look()
  return async (expected) => {
    const end = performance.now() + patience
    for (;;) {
      const now = [...(await look())].map(
        ([profile, count]) => [profile, count - (before.get(profile) ?? 0)] as const,
      )
      const lacking = now.some(([profile, count]) => count < (expected.get(profile) ?? 0))
      if (!lacking || performance.now() > end) return new Map(now)
      await sleep(50)
    }
  }
}
