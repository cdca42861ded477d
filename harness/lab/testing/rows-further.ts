/**
 * Rows of the table of faults: HTTP/3 as far as it shows, and the CA of another hostname.
 * @module
 */
import { createSocket } from 'node:dgram'
import { connect as connectTcp } from 'node:net'
import { Duplex } from 'node:stream'
import { connect as connectTls } from 'node:tls'
import { readServerHello, type ServerHello } from '../../wire/server-hello.ts'
import { partner, primary, www } from '../hostnames.ts'
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

/** The ServerHello that answers a hello of TLS 1.2; `read` says what is looked at. */
const serverHello =
  (read: (hello: ServerHello) => string, hostname: string): Show =>
  ({ edge }) =>
    new Promise((resolve, reject) => {
      const raw = connectTcp(edge.port, edge.host)
      raw.on('error', reject)
      raw.once('data', (bytes: Buffer) => {
        const length = bytes.readUIntBE(6, 3)
        resolve(read(readServerHello(bytes.subarray(9, 9 + length))))
        client.destroy()
        raw.destroy()
      })
      // What our own library says first, and nothing behind it.
      const written = new Duplex({
        read() {},
        write(bytes: Buffer, _, done) {
          raw.write(bytes)
          done()
        },
      })
      const client = connectTls({ socket: written, servername: hostname, maxVersion: 'TLSv1.2' })
      client.on('error', () => {})
    })

const sentinel = ({ random }: ServerHello): string => random.toString('latin1', 24, 31)
const extended = ({ extendedMasterSecret }: ServerHello): string => String(extendedMasterSecret)

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
  'edge.no-downgrade-sentinel': [
    { show: serverHello(sentinel, primary.hostname), healthy: 'DOWNGRD', faulty: /^(?!DOWNGRD)/ },
    { show: serverHello(extended, primary.hostname), healthy: 'true', faulty: 'true' },
  ],
  'edge.no-extended-master-secret': [
    { show: serverHello(extended, primary.hostname), healthy: 'true', faulty: 'false' },
    { show: serverHello(extended, www.hostname), healthy: 'true', faulty: 'true' },
    { show: serverHello(sentinel, primary.hostname), healthy: 'DOWNGRD', faulty: 'DOWNGRD' },
  ],
  'edge.trusts-system-roots': [
    { show: words({}, 'public'), healthy: '403', faulty: '200 valid' },
    { show: words({ to: partner.hostname }, 'public'), healthy: '403', faulty: '403' },
    { show: words({}, 'unknown-ca'), healthy: '403', faulty: '403' },
    { show: words({}, 'valid'), healthy: '200 valid', faulty: '200 valid' },
  ],
} satisfies Record<string, Row | Row[]>
