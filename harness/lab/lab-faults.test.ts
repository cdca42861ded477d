/**
 * Every fault, shown with real connections: what the healthy edge does, and what this one does instead.
 */
import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { after, before, test } from 'node:test'
import type { GoodId, Mint } from '../pki/mint.ts'
import { type DefectId, defectIds } from '../pki/types.ts'
import { type FaultId, faults } from './faults.ts'
import { forwardedHeaders, partner, primary, telemetry, www } from './hostnames.ts'
import { createLabMaterial, type Lab, type LabMaterial, startLab } from './lab.ts'
import { certificateRequest } from './testing/certificate-request.ts'
import { inWords, originSaw, type Seen, type Sent, send } from './testing/client.ts'
import { mintFor } from './testing/mint.ts'

let material: LabMaterial
let healthy: Lab
let mint: Mint

before(async () => {
  material = await createLabMaterial()
  healthy = await startLab({ material })
  mint = mintFor(material)
})
after(() => healthy.close())

type Show = (lab: Lab) => Promise<string>
type Identify = GoodId | DefectId | 'partner'

/** The result of one request, in a few words. */
const words =
  (sent: Sent = {}, who?: Identify): Show =>
  async (lab) =>
    inWords(await request(lab, sent, who))

async function request(lab: Lab, sent: Sent, who?: Identify): Promise<Seen> {
  if (who === undefined) return send(lab, sent)
  return send(lab, {
    ...sent,
    identity: who === 'partner' ? material.identities['partner-001'] : await mint.get(who),
  })
}

/** What the origin was told in one header, by a valid client or by another. */
const told =
  (name: string, sent: Sent = {}, who: Identify | undefined = 'valid'): Show =>
  async (lab) =>
    originSaw(await request(lab, sent, who), name).join('+') || 'nothing'

const answerHeader =
  (name: string, sent: Sent = {}, who?: Identify): Show =>
  async (lab) =>
    (await request(lab, sent, who)).headers.find(([key]) => key === name)?.[1] ?? 'absent'

/** Full handshake on `from`, then its session on `to`. */
const resumed =
  (version: 'TLSv1.2' | 'TLSv1.3', from: string, to: string, whoFirst?: Identify, whoThen?: Identify): Show =>
  async (lab) => {
    const { sessions } = await request(lab, { version, to: from }, whoFirst)
    const session = sessions.at(-1)
    const seen = await request(lab, { version, to, session }, whoThen)
    return `${seen.resumed ? 'resumed' : 'full'} ${inWords(seen)}`
  }

const serverCertificate =
  (read: (certificate: X509Certificate) => string): Show =>
  async (lab) =>
    read(new X509Certificate((await send(lab, {})).peerCertificate))

const status = forwardedHeaders.status
const body = ({ body: text }: Seen): string => text.trim().slice(0, 40)
const absolute = `https://${primary.hostname}/__harness/echo?challenge=ab`
const refusal = '{"error":"client_certificate_required","'
const report = telemetry.hostname

interface Row {
  show: Show
  healthy: string | RegExp
  faulty: string | RegExp
}

/** The field of a valid client, compared with what the healthy edge tells. */
const wrongField = (field: keyof typeof forwardedHeaders): Row => ({
  show: async (lab) => {
    const { [field]: name } = forwardedHeaders
    return String((await told(name, { to: report })(lab)) === (await told(name, { to: report })(healthy)))
  },
  healthy: 'true',
  faulty: 'false',
})

const rows: Record<Exclude<FaultId, `edge.accepts-${DefectId}`>, Row | Row[]> = {
  'edge.no-certificate-request-1.2': [
    {
      show: (lab) => certificateRequest(lab, primary.hostname, 'tls1_2'),
      healthy: '1 names',
      faulty: 'not asked',
    },
    { show: words({ version: 'TLSv1.2' }, 'valid'), healthy: '200 valid', faulty: '403' },
  ],
  'edge.no-certificate-request-1.3': [
    {
      show: (lab) => certificateRequest(lab, primary.hostname, 'tls1_3'),
      healthy: '1 names',
      faulty: 'not asked',
    },
    { show: words({ version: 'TLSv1.3' }, 'valid'), healthy: '200 valid', faulty: '403' },
  ],
  'edge.open-in-1.2': { show: words({ version: 'TLSv1.2' }), healthy: '403', faulty: '200 none' },
  'edge.open-in-1.3': { show: words({ version: 'TLSv1.3' }), healthy: '403', faulty: '200 none' },
  'edge.invalid-accepted-in-1.2': {
    show: words({ version: 'TLSv1.2' }, 'self-signed'),
    healthy: '403',
    faulty: /^200 invalid/,
  },
  'edge.invalid-accepted-in-1.3': {
    show: words({ version: 'TLSv1.3' }, 'self-signed'),
    healthy: '403',
    faulty: /^200 invalid/,
  },
  'edge.ca-names-of-system-roots': [
    {
      show: (lab) => certificateRequest(lab, primary.hostname, 'tls1_2'),
      healthy: '1 names',
      faulty: '4 names',
    },
    {
      show: (lab) => certificateRequest(lab, primary.hostname, 'tls1_3'),
      healthy: '1 names',
      faulty: '4 names',
    },
  ],
  'edge.offers-sha1': [
    {
      show: (lab) => certificateRequest(lab, primary.hostname, 'tls1_2'),
      healthy: '1 names',
      faulty: '1 names, SHA-1',
    },
    { show: words({}, 'valid'), healthy: '200 valid', faulty: '200 valid' },
    { show: words({}, 'sha1-signature'), healthy: '403', faulty: '403' },
  ],
  'edge.routes-by-host': [
    { show: words({ sni: www.hostname, host: primary.hostname }), healthy: '403', faulty: '200 none' },
    {
      show: words({ to: www.hostname, http: 2, host: primary.hostname }),
      healthy: '403',
      faulty: '200 none',
    },
  ],
  'edge.host-trailing-dot': {
    show: words({ host: `${primary.hostname}.` }),
    healthy: '403',
    faulty: '200 none',
  },
  'edge.host-upper-case': {
    show: words({ host: primary.hostname.toUpperCase() }),
    healthy: '403',
    faulty: '200 none',
  },
  'edge.host-with-port': [
    { show: words({ host: `${primary.hostname}:443` }), healthy: '403', faulty: '200 none' },
    { show: words({ host: `${primary.hostname}:444` }), healthy: '403', faulty: '200 none' },
  ],
  'edge.sni-upper-case': {
    show: words({ sni: primary.hostname.toUpperCase(), host: primary.hostname }),
    healthy: '403',
    faulty: '200 none',
  },
  'edge.sni-trailing-dot': {
    show: words({ sni: `${primary.hostname}.`, host: primary.hostname }),
    healthy: /UNRECOGNIZED_NAME/,
    faulty: '200 none',
  },
  'edge.no-sni-default': {
    show: words({ sni: false, host: primary.hostname }),
    healthy: /UNRECOGNIZED_NAME/,
    faulty: '200 none',
  },
  'edge.absolute-form': {
    show: words({ to: www.hostname, path: absolute }),
    healthy: '403',
    faulty: '200 none',
  },
  'edge.serves-unknown-names': {
    show: async (lab) => {
      const seen = await send(lab, { to: 'k3v9.harness.test' })
      return originSaw(seen, 'host')[0] ?? inWords(seen)
    },
    healthy: /UNRECOGNIZED_NAME/,
    faulty: primary.hostname,
  },
  'edge.plain-http': { show: words({ clear: 'plain-port' }), healthy: '301', faulty: '200 none' },
  'edge.plain-http-on-tls-port': { show: words({ clear: 'tls-port' }), healthy: '400', faulty: '200 none' },
  'edge.server-certificate-expired': {
    show: serverCertificate(({ validTo }) => (new Date(validTo) < new Date() ? 'expired' : 'in date')),
    healthy: 'in date',
    faulty: 'expired',
  },
  'edge.server-certificate-other-name': {
    show: serverCertificate((one) => one.checkHost(primary.hostname) ?? 'another name'),
    healthy: primary.hostname,
    faulty: 'another name',
  },
  'edge.handshake-fails': { show: words({}, 'valid'), healthy: '200 valid', faulty: /INTERNAL_ERROR/ },
  'edge.not-listening': { show: words({}, 'valid'), healthy: '200 valid', faulty: 'ECONNREFUSED' },

  'edge.accepts-no-certificate': [
    { show: words({ version: 'TLSv1.2' }), healthy: '403', faulty: '200 none' },
    { show: words({ version: 'TLSv1.3' }), healthy: '403', faulty: '200 none' },
  ],
  'edge.refuses-valid': { show: words({}, 'valid'), healthy: '200 valid', faulty: '403' },
  'edge.refuses-long-validity': { show: words({}, 'valid-2050'), healthy: '200 valid', faulty: '403' },
  'edge.refuses-intermediates': {
    show: words({}, 'valid-via-intermediate'),
    healthy: '200 valid',
    faulty: '403',
  },
  'edge.refuses-extra-certificates': {
    show: words({}, 'valid-with-extra-certificates'),
    healthy: '200 valid',
    faulty: '403',
  },
  'edge.identity-from-last-certificate': {
    show: told(forwardedHeaders.subject, {}, 'valid-with-extra-certificates'),
    healthy: /^CN=sensor-001,/,
    faulty: /somebody/,
  },

  'edge.refusal-status': { show: words(), healthy: '403', faulty: '401' },
  'edge.refusal-body': {
    show: async (lab) => String((await send(lab, {})).body.length - primary.mtls.refusal.body.length),
    healthy: '0',
    faulty: '1',
  },
  'edge.refusal-content-type': {
    show: answerHeader('content-type'),
    healthy: 'application/json',
    faulty: 'text/plain',
  },
  'edge.refusal-leaks-reason': [
    {
      show: async (lab) => body(await request(lab, {}, 'expired-day')),
      healthy: refusal,
      faulty: /has expire/,
    },
    { show: async (lab) => body(await send(lab, {})), healthy: refusal, faulty: refusal },
  ],
  'edge.refusal-contacts-origin': {
    show: async (lab) => {
      const path = `/__harness/echo?challenge=ab&marker=${Math.random().toString(36).slice(2)}`
      await send(lab, { path })
      return String((await request(lab, { path }, 'valid')).echo?.marked)
    },
    healthy: '1',
    faulty: '2',
  },
  'edge.refusal-cacheable': { show: answerHeader('cache-control'), healthy: 'no-store', faulty: /max-age/ },
  'edge.head-open': { show: words({ method: 'HEAD' }), healthy: '403', faulty: '200' },
  'edge.h2-open': { show: words({ http: 2 }), healthy: '403', faulty: '200 none' },
  'edge.large-post-open': [
    { show: words({ method: 'POST', body: Buffer.alloc(256 * 1024) }), healthy: '403', faulty: '200 none' },
    { show: words({ method: 'POST', body: Buffer.alloc(100) }), healthy: '403', faulty: '403' },
  ],
  'edge.range-open': {
    show: words({ headers: [['Range', 'bytes=0-10']] }),
    healthy: '403',
    faulty: '200 none',
  },
  'edge.checks-first-request-only': [
    { show: words({ times: 2 }), healthy: '403', faulty: '200 none' },
    { show: words({ times: 1 }), healthy: '403', faulty: '403' },
  ],
  'edge.trusts-client-status': {
    show: words({ headers: [[status, 'valid']] }),
    healthy: '403',
    faulty: '200 none',
  },
  'edge.report-blocks-none': { show: words({ to: report }), healthy: '200 none', faulty: '403' },
  'edge.report-blocks-invalid': {
    show: words({ to: report }, 'self-signed'),
    healthy: /^200 invalid/,
    faulty: '403',
  },
  'edge.report-none-as-valid': { show: words({ to: report }), healthy: '200 none', faulty: '200 valid' },
  'edge.report-invalid-as-valid': {
    show: words({ to: report }, 'unknown-ca'),
    healthy: /^200 invalid/,
    faulty: '200 valid',
  },
  'edge.report-valid-as-invalid': {
    show: words({ to: report }, 'valid'),
    healthy: '200 valid',
    faulty: /^200 invalid/,
  },
  'edge.report-revoked-as-valid': [
    {
      show: words({ to: report }, 'revoked'),
      healthy: '200 invalid:certificate revoked',
      faulty: '200 valid',
    },
    { show: words({ to: report }, 'unknown-ca'), healthy: /^200 invalid/, faulty: /^200 invalid/ },
  ],
  'edge.report-omits-status': [
    { show: words({ to: report }), healthy: '200 none', faulty: '200 -' },
    { show: words({ to: report }, 'valid'), healthy: '200 valid', faulty: '200 valid' },
  ],
  'edge.report-wrong-ski': wrongField('ski'),
  'edge.report-wrong-subject': {
    show: told(forwardedHeaders.subject, { to: report }),
    healthy: /sensor-001/,
    faulty: /Client CA A/,
  },
  'edge.report-wrong-fingerprint': wrongField('fingerprint'),
  'edge.report-wrong-serial': wrongField('serial'),
  'edge.report-wrong-issuer-ski': wrongField('issuerSki'),
  'edge.report-wrong-issuer': wrongField('issuer'),
  'edge.report-wrong-not-before': wrongField('notBefore'),
  'edge.report-wrong-not-after': wrongField('notAfter'),
  'edge.caches-canary': {
    show: async (lab) => {
      const [first, second] = [await request(lab, {}, 'valid'), await request(lab, {}, 'valid')]
      return first.echo?.nonce === second.echo?.nonce ? 'replayed' : 'fresh'
    },
    healthy: 'fresh',
    faulty: 'replayed',
  },
  'edge.report-leaks-status': [
    { show: answerHeader(status, { to: report }), healthy: 'absent', faulty: 'none' },
    { show: answerHeader(status, { to: report, http: 2 }, 'valid'), healthy: 'absent', faulty: 'valid' },
  ],

  'edge.passes-client-status': [
    { show: told(status, { headers: [[status, 'forged']] }), healthy: 'valid', faulty: 'forged' },
    {
      show: told(status, { headers: [[status.toUpperCase(), 'forged']] }),
      healthy: 'valid',
      faulty: 'valid',
    },
  ],
  'edge.passes-client-status-on-public': {
    show: told(status, { to: www.hostname, headers: [[status, 'forged']] }),
    healthy: 'nothing',
    faulty: 'forged',
  },
  'edge.passes-underscore': {
    show: told(status, { headers: [['cf_cert_verified', 'forged']] }),
    healthy: 'valid',
    faulty: 'valid+forged',
  },
  'edge.passes-upper-case': {
    show: told(status, { headers: [['Cf-Cert-Verified', 'forged']] }),
    healthy: 'valid',
    faulty: 'valid+forged',
  },
  'edge.passes-second-copy': {
    show: told(status, {
      headers: [
        [status, 'first'],
        [status, 'second'],
      ],
    }),
    healthy: 'valid',
    faulty: 'valid+second',
  },
  'edge.passes-certificate-headers': [
    {
      show: told('client-cert', { headers: [['Client-Cert', 'forged']] }),
      healthy: 'nothing',
      faulty: 'forged',
    },
    {
      show: told('x-forwarded-client-cert', { headers: [['X-Forwarded-Client-Cert', 'forged']] }),
      healthy: 'nothing',
      faulty: 'forged',
    },
    { show: told(status, { headers: [[status, 'forged']] }), healthy: 'valid', faulty: 'valid' },
  ],
  'edge.passes-on-h2': [
    {
      show: told(status, { http: 2, headers: [[status, 'forged']] }),
      healthy: 'valid',
      faulty: 'valid+forged',
    },
    { show: told(status, { http: 1, headers: [[status, 'forged']] }), healthy: 'valid', faulty: 'valid' },
  ],
  'edge.connection-strips-status': {
    show: told(status, { headers: [['Connection', `close, ${status}`]] }),
    healthy: 'valid',
    faulty: 'nothing',
  },

  'edge.resumes-without-certificate': [
    {
      show: resumed('TLSv1.3', primary.hostname, primary.hostname),
      healthy: 'full 403',
      faulty: 'resumed 200 valid',
    },
    { show: resumed('TLSv1.3', report, report), healthy: 'full 200 none', faulty: 'resumed 200 valid' },
    {
      show: resumed('TLSv1.2', primary.hostname, primary.hostname),
      healthy: 'full 403',
      faulty: 'resumed 403',
    },
  ],
  'edge.resumes-without-certificate-1.2': [
    {
      show: resumed('TLSv1.2', primary.hostname, primary.hostname),
      healthy: 'full 403',
      faulty: 'resumed 200 valid',
    },
    {
      show: resumed('TLSv1.3', primary.hostname, primary.hostname),
      healthy: 'full 403',
      faulty: 'resumed 403',
    },
  ],
  'edge.ticket-from-public-host': [
    {
      show: resumed('TLSv1.3', www.hostname, primary.hostname),
      healthy: 'full 403',
      faulty: 'resumed 200 valid',
    },
    {
      show: resumed('TLSv1.2', www.hostname, primary.hostname),
      healthy: 'full 403',
      faulty: 'resumed 200 valid',
    },
    { show: words(), healthy: '403', faulty: '403' },
  ],
  'edge.ticket-across-hosts': [
    {
      show: resumed('TLSv1.3', partner.hostname, primary.hostname, 'partner'),
      healthy: 'full 403',
      faulty: 'resumed 200 valid',
    },
    {
      show: resumed('TLSv1.2', partner.hostname, primary.hostname, 'partner'),
      healthy: 'full 403',
      faulty: 'full 403',
    },
    { show: words({}, 'partner'), healthy: '403', faulty: '403' },
  ],
  'edge.ticket-across-hosts-1.2': [
    {
      show: resumed('TLSv1.2', partner.hostname, primary.hostname, 'partner'),
      healthy: 'full 403',
      faulty: 'resumed 200 valid',
    },
    {
      show: resumed('TLSv1.3', partner.hostname, primary.hostname, 'partner'),
      healthy: 'full 403',
      faulty: 'full 403',
    },
  ],
  'edge.resumed-identity-of-another': (['TLSv1.2', 'TLSv1.3'] as const).map((version) => ({
    show: async (lab) => {
      const { sessions } = await request(lab, { version }, 'valid')
      await request(lab, { version }, 'valid-other')
      const seen = await request(lab, { version, session: sessions.at(-1) }, 'valid')
      return originSaw(seen, forwardedHeaders.subject).join()
    },
    healthy: /sensor-001/,
    faulty: /other-client/,
  })),
  'edge.issues-tickets': [
    {
      show: resumed('TLSv1.3', primary.hostname, primary.hostname),
      healthy: 'full 403',
      faulty: 'resumed 403',
    },
    ...(['TLSv1.2', 'TLSv1.3'] as const).map((version) => ({
      show: resumed(version, primary.hostname, primary.hostname, 'valid-via-intermediate'),
      healthy: 'full 403',
      faulty: 'resumed 200 valid',
    })),
  ],
}

const acceptRows = defectIds.map((defect): [FaultId, Row[]] => [
  `edge.accepts-${defect}`,
  [
    { show: words({}, defect), healthy: '403', faulty: '200 valid' },
    { show: words({ to: report }, defect), healthy: /^200 invalid:/, faulty: '200 valid' },
  ],
])

const all = new Map<FaultId, Row[]>([
  ...acceptRows,
  ...(Object.entries(rows) as [FaultId, Row | Row[]][]).map(([id, row]): [FaultId, Row[]] => [
    id,
    [row].flat(),
  ]),
])

const check = (seen: string, expected: string | RegExp, where: string): void => {
  if (typeof expected === 'string') assert.equal(seen, expected, where)
  else assert.match(seen, expected, where)
}

test('every fault has a row', () => {
  assert.deepEqual([...all.keys()].sort(), faults.map(({ id }) => id).sort())
})

for (const [fault, shown] of all) {
  test(fault, async () => {
    const lab = await startLab({ material, faults: [fault] })
    try {
      const differs: boolean[] = []
      for (const { show, healthy: good, faulty } of shown) {
        const [before, behind] = [await show(healthy), await show(lab)]
        check(before, good, 'healthy')
        check(behind, faulty, 'faulty')
        differs.push(before !== behind)
      }
      assert.ok(differs.includes(true), 'the fault can be seen')
    } finally {
      await lab.close()
    }
  })
}

test('faults combine', async () => {
  const lab = await startLab({
    material,
    faults: ['edge.open-in-1.2', 'edge.refusal-status', 'edge.passes-underscore'],
  })
  try {
    assert.equal(await words({ version: 'TLSv1.2' })(lab), '200 none')
    assert.equal(await words({ version: 'TLSv1.3' })(lab), '401')
    assert.equal(await told(status, { headers: [['cf_cert_verified', 'forged']] })(lab), 'valid+forged')
  } finally {
    await lab.close()
  }
})
