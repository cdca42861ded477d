import assert from 'node:assert/strict'
import { test } from 'node:test'
import { blackBoxDeployment, parseConnect, parseHostname } from './blackbox.ts'

test('a hostname alone expects nothing', () => {
  assert.deepEqual(blackBoxDeployment('API.example.com'), {
    source: undefined,
    sourceHash: undefined,
    target: { hostname: 'api.example.com', port: 443, requests: [] },
    siblings: [],
    ports: { plain: [80], tls: [] },
    waivers: [],
    deadline: 5000,
  })
})

test('connections can go elsewhere, with their own deadline', () => {
  const { target, ports, deadline } = blackBoxDeployment('a.example', {
    connectTo: '[::1]:8443',
    deadline: 900,
  })
  assert.deepEqual(target, { hostname: 'a.example', address: '::1', port: 8443, requests: [] })
  assert.deepEqual([ports, deadline], [{ plain: [], tls: [] }, 900])
})

const hostnames: [written: string, result: string | RegExp][] = [
  ['localhost', 'localhost'],
  ['a_b.Example.', 'a_b.example'],
  ['bücher.example', 'xn--bcher-kva.example'],
  [' a.example ', 'a.example'],
  ['https://api.example.com', /give the hostname only: api\.example\.com$/],
  [
    'https://api.example.com:8443/x?y',
    /give the hostname only: api\.example\.com, and the port with connect: api\.example\.com:8443/,
  ],
  ['api.example.com/x', /give the hostname only: api\.example\.com$/],
  ['api.example.com:443', /give the hostname only: api\.example\.com$/],
  ['https://user:s3cret@api.example.com/?token=s3cret', /give the hostname only: api\.example\.com$/],
  ['user:s3cret@api.example.com', /give the hostname only: api\.example\.com$/],
  ['127.0.0.1', /is an address: give the hostname/],
  ['::1', /is an address: give the hostname/],
  ['https://[::1]:8443/', /is an address: give the hostname/],
  ['*.example.com', /is a wildcard/],
  ['', /is not a hostname/],
  ['a b', /is not a hostname/],
  ['-a.example', /is not a hostname/],
  ['a..example', /is not a hostname/],
  [`${'a'.repeat(64)}.example`, /is not a hostname/],
  [`${'a.'.repeat(130)}example`, /is not a hostname/],
]
for (const [written, result] of hostnames) {
  test(`hostname ${JSON.stringify(written).slice(0, 60)}`, () => {
    if (typeof result === 'string') assert.equal(parseHostname(written), result)
    else {
      assert.throws(() => parseHostname(written), { code: 'ERR_USAGE', message: result })
      assert.throws(
        () => parseHostname(written),
        (error: Error) => !error.message.includes('s3cret'),
      )
    }
  })
}

const addresses: [written: string, result: { address: string; port: number } | RegExp][] = [
  ['203.0.113.7:443', { address: '203.0.113.7', port: 443 }],
  ['[2001:db8::7]:8443', { address: '2001:db8::7', port: 8443 }],
  ['Origin.example:1', { address: 'origin.example', port: 1 }],
  ['localhost:65535', { address: 'localhost', port: 65535 }],
  ['203.0.113.7', /has no port/],
  ['2001:db8::7', /has no port, and an IPv6 address stands in brackets/],
  ['[2001:db8::7]', /has no port/],
  ['[203.0.113.7]:443', /is not an IPv6 address/],
  ['a.example:0', /is not a port/],
  ['a.example:65536', /is not a port/],
  ['a.example:https', /is not a port/],
  ['a.example:', /is not a port/],
  [':443', /is not an address/],
  ['10.1:443', /is not an address/],
  ['https://u:s3cret@a.example:443', /is a URL/],
]
for (const [written, result] of addresses) {
  test(`connect to ${JSON.stringify(written)}`, () => {
    if (!(result instanceof RegExp)) assert.deepEqual(parseConnect(written), result)
    else {
      assert.throws(() => parseConnect(written), { code: 'ERR_USAGE', message: result })
      assert.throws(
        () => parseConnect(written),
        (error: Error) => !error.message.includes('s3cret'),
      )
    }
  })
}
