/**
 * Rows of the table of faults: acceptance, enforce and report mode.
 * @module
 */
import { forwardedHeaders, primary, telemetry, www } from '../hostnames.ts'
import { type Seen, send } from './client.ts'
import { scripted } from './scripted.ts'
import { answerHeader, type Row, request, told, words, wrongField } from './show.ts'

const status = forwardedHeaders.status
const body = ({ body: text }: Seen): string => text.trim().slice(0, 40)
const refusal = '{"error":"client_certificate_required","'
const report = telemetry.hostname
const webSocket: [string, string][] = [
  ['Connection', 'Upgrade'],
  ['Upgrade', 'websocket'],
  ['Sec-WebSocket-Version', '13'],
  ['Sec-WebSocket-Key', 'aGFybmVzcyBoYXJuZXNzIQ=='],
]
const emptyEntry = { mutate: { certificate: 'empty-entry' } } as const

/** One row or several per fault. */
export const modeRows = {
  'edge.accepts-no-certificate': [
    { show: words({ version: 'TLSv1.2' }), healthy: '403', faulty: '200 none' },
    { show: words({ version: 'TLSv1.3' }), healthy: '403', faulty: '200 none' },
  ],
  'edge.accepts-empty-certificate-entry': [
    {
      show: (lab) => scripted(lab, { ...emptyEntry, version: 'TLSv1.2' }),
      healthy: /alert 50/,
      faulty: '200',
    },
    {
      show: (lab) => scripted(lab, { ...emptyEntry, version: 'TLSv1.3' }),
      healthy: /alert 50/,
      faulty: /alert 50/,
    },
    { show: words({ version: 'TLSv1.2' }), healthy: '403', faulty: '403' },
    { show: words({ version: 'TLSv1.2' }, 'self-signed'), healthy: '403', faulty: '403' },
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
  'edge.websocket-tunnel': [
    { show: words({ headers: webSocket }), healthy: '403', faulty: '101' },
    { show: words({ headers: [['Upgrade', 'h2c']] }), healthy: '403', faulty: '403' },
    { show: words({ headers: webSocket }, 'self-signed'), healthy: '403', faulty: '403' },
  ],
  'edge.refusal-shows-application': [
    {
      show: async (lab) => body(await send(lab, { path: '/temps' })),
      healthy: refusal,
      faulty: /celsius/,
    },
    { show: words({ path: '/temps' }, 'valid'), healthy: '200', faulty: '200' },
    { show: words({}), healthy: '403', faulty: '403' },
  ],
  'edge.public-refused': [
    { show: words({ to: www.hostname }), healthy: /^200/, faulty: '403' },
    { show: words({}), healthy: '403', faulty: '403' },
  ],
  'edge.h2-open': { show: words({ http: 2 }), healthy: '403', faulty: '200 none' },
  'edge.h2-accepts-invalid': [
    { show: words({ http: 2 }, 'self-signed'), healthy: '403', faulty: /^200 invalid/ },
    { show: words({}, 'self-signed'), healthy: '403', faulty: '403' },
  ],
  'edge.large-post-open': [
    { show: words({ method: 'POST', body: Buffer.alloc(256 * 1024) }), healthy: '403', faulty: '200 none' },
    { show: words({ method: 'POST', body: Buffer.alloc(100) }), healthy: '403', faulty: '403' },
  ],
  'edge.open-path': [
    { show: words({ path: '/temps' }), healthy: '403', faulty: '200' },
    { show: words({ path: '/' }), healthy: '403', faulty: '403' },
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
  'edge.believes-claims': [
    { show: words({ headers: [['X-SSL-Client-Verify', 'SUCCESS']] }), healthy: '403', faulty: '200 none' },
    { show: words({ headers: [['X-SSL-Client-Verify', 'NONE']] }), healthy: '403', faulty: '403' },
  ],
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
} as const satisfies Record<string, Row | Row[]>
