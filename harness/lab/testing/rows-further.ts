/**
 * Rows of the table of faults: HTTP/3 as far as it shows, and the CA of another hostname.
 * @module
 */
import { createSocket } from 'node:dgram'
import { partner } from '../hostnames.ts'
import { answerHeader, type Row, type Show, words } from './show.ts'

/** Whether the UDP port beside the TLS one answers a packet of an unknown QUIC version. */
const quic: Show = ({ edge }) =>
  new Promise((resolve) => {
    const socket = createSocket('udp4')
    const packet = Buffer.alloc(1200)
    Buffer.from('c01a2a3a4a0800112233445566770808192a3b4c5d6e7f', 'hex').copy(packet)
    const done = (said: string): void => {
      socket.close()
      resolve(said)
    }
    socket.on('error', () => done('closed'))
    socket.on('message', (bytes) =>
      done(`version ${bytes.readUInt32BE(1)}, ${bytes.subarray(-4).toString('hex')}`),
    )
    socket.connect(edge.port, edge.host, () => socket.send(packet))
  })

const altSvc = 'h3=":443"; ma=86400'

/** One row or several per fault. */
export const furtherRows = {
  'edge.announces-http3': [
    { show: answerHeader('alt-svc', {}, 'valid'), healthy: 'absent', faulty: altSvc },
    { show: answerHeader('alt-svc'), healthy: 'absent', faulty: altSvc },
    { show: words({}), healthy: '403', faulty: '403' },
  ],
  'edge.answers-quic': { show: quic, healthy: 'closed', faulty: 'version 0, 00000001' },
  'edge.accepts-sibling-ca': [
    { show: words({}, 'partner'), healthy: '403', faulty: '200 valid' },
    { show: words({ to: partner.hostname }, 'valid'), healthy: '403', faulty: '403' },
    { show: words({}, 'self-signed'), healthy: '403', faulty: '403' },
  ],
  'edge.trusts-system-roots': [
    { show: words({}, 'public'), healthy: '403', faulty: '200 valid' },
    { show: words({ to: partner.hostname }, 'public'), healthy: '403', faulty: '403' },
    { show: words({}, 'unknown-ca'), healthy: '403', faulty: '403' },
    { show: words({}, 'valid'), healthy: '200 valid', faulty: '200 valid' },
  ],
} satisfies Record<string, Row | Row[]>
