/**
 * Rows of the table of faults: TLS, names and transport.
 * @module
 */
import { primary, www } from '../hostnames.ts'
import { certificateRequest } from './certificate-request.ts'
import { inWords, originSaw, send } from './client.ts'
import { type Row, serverCertificate, words } from './show.ts'

const absolute = `https://${primary.hostname}/__harness/echo?challenge=ab`

/** One row or several per fault. */
export const tlsRows = {
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
  'edge.unknown-sni-default': {
    show: words({ sni: 'k3v9.harness.test', host: primary.hostname }),
    healthy: /UNRECOGNIZED_NAME/,
    faulty: '200 none',
  },
  'edge.address-as-host': {
    show: words({ sni: primary.hostname, host: '127.0.0.1' }),
    healthy: '403',
    faulty: '200 none',
  },
  'edge.address-behind-public-sni': {
    show: words({ sni: www.hostname, host: '127.0.0.1' }),
    healthy: '403',
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
  'edge.other-port-open': { show: words({ otherPort: true }), healthy: '403', faulty: '200 none' },
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
} as const satisfies Record<string, Row | Row[]>
