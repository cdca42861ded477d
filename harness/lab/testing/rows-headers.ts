/**
 * Rows of the table of faults: headers and resumption.
 * @module
 */
import { forwardedHeaders, partner, primary, telemetry, www } from '../hostnames.ts'
import { originSaw } from './client.ts'
import { type Row, request, resumed, told, words } from './show.ts'

const status = forwardedHeaders.status
const report = telemetry.hostname

/** One row or several per fault. */
export const headerRows = {
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
  'edge.passes-on-later-requests': [
    {
      show: told(status, { times: 2, headers: [[status, 'forged']] }),
      healthy: 'valid',
      faulty: 'forged',
    },
    { show: told(status, { headers: [[status, 'forged']] }), healthy: 'valid', faulty: 'valid' },
    { show: told(status, { times: 2 }), healthy: 'valid', faulty: 'valid' },
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
  'edge.resumes-revoked': [
    ...(['TLSv1.2', 'TLSv1.3'] as const).map((version) => ({
      show: resumed(version, primary.hostname, primary.hostname, 'revoked'),
      healthy: 'full 403',
      faulty: 'resumed 200 valid',
    })),
    { show: words({}, 'revoked'), healthy: '403', faulty: '403' },
    {
      show: resumed('TLSv1.3', primary.hostname, primary.hostname, 'expired-day'),
      healthy: 'full 403',
      faulty: 'resumed 403',
    },
  ],
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
} as const satisfies Record<string, Row | Row[]>
