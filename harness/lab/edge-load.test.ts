/**
 * Many visitors at once while an operator writes all the time. Each configuration has a number, which rules put into what
 * visitors and origin see: so every answer says which configuration it claims to come from, and is held to it.
 */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { Identity } from '../pki/types.ts'
import { canaryPath, forwardedHeaders, zones } from './hostnames.ts'
import { createLabMaterial, type Lab, type LabMaterial, startLab } from './lab.ts'
import { clientAuthHeadersId } from './rules/managed-transforms.ts'
import type { Rule, Ruleset, SslMode } from './state/types.ts'
import { type KeptAnswer, type KeptConnection, keepConnection } from './testing/kept-connection.ts'

const hostname = 'pulls.harness.test'
const visitors = 20
const perVisitor = 250
/** A visitor makes a new connection after so many requests. */
const perConnection = 90
/** The operator writes after so many requests, and changes the way to the origin with every 25th write. */
const perWrite = 4

let material: LabMaterial
let lab: Lab

before(async () => {
  material = await createLabMaterial()
  lab = await startLab({ material })
})
after(() => lab.close())

/** What an operator has set. */
interface Configuration {
  number: number
  /** A client certificate is asked for, and verified. */
  associated: boolean
  blocks: 'nobody' | 'without-certificate' | 'post'
  /** "Add TLS client auth headers". */
  headers: boolean
  ssl: SslMode
  pulls: 'off' | 'global' | 'not-for-this-host'
}

const pick = <Item>(items: readonly [Item, ...Item[]], at: number): Item =>
  items[at % items.length] ?? items[0]

/** Every combination comes, in an order in which neighbours differ. */
function configuration(number: number): Configuration {
  const way = Math.floor(number / 25)
  return {
    number,
    associated: number % 5 !== 4,
    blocks: pick(['nobody', 'without-certificate', 'post'], number),
    headers: number % 7 < 5,
    ssl: pick(['full', 'flexible', 'strict', 'full'], way),
    pulls: pick(['global', 'off', 'not-for-this-host'], way),
  }
}

/** The configurations so far, by number. */
const written: Configuration[] = []

/** As the control plane does it: everything in place, then one `changed`. */
function write(next: Configuration): void {
  const { store } = lab
  const zone = store.state.zones[zones.lab.id]
  assert.ok(zone !== undefined)
  const at = store.timestamp()
  zone.hostnameAssociations.managed = next.associated ? [hostname] : []
  zone.rulesets.http_request_firewall_custom = ruleset(at, [
    {
      description: 'no certificate, or a bad one',
      expression: `http.host eq "${hostname}" and (not cf.tls_client_auth.cert_verified or cf.tls_client_auth.cert_revoked)`,
      enabled: next.blocks === 'without-certificate',
      action: 'block',
      actionParameters: answering(next),
    },
    {
      description: 'nobody writes',
      expression: `http.host eq "${hostname}" and http.request.method eq "POST"`,
      enabled: next.blocks === 'post',
      action: 'block',
      actionParameters: answering(next),
    },
  ])
  zone.rulesets.http_request_late_transform = ruleset(at, [
    {
      description: 'number',
      expression: 'true',
      enabled: true,
      action: 'rewrite',
      actionParameters: {
        headers: { 'x-configuration': { operation: 'set', value: String(next.number) } },
      },
    },
  ])
  zone.managedRequestHeaders = next.headers ? [clientAuthHeadersId] : []
  zone.settings.ssl = { value: next.ssl, modifiedOn: at }
  zone.settings.tls_client_auth = { value: next.pulls === 'off' ? 'off' : 'on', modifiedOn: at }
  zone.originPulls.associations =
    next.pulls !== 'not-for-this-host'
      ? {}
      : {
          [hostname]: {
            hostname,
            certId: '',
            enabled: false,
            createdAt: at,
            updatedAt: at,
            lifecycle: { status: 'active' },
          },
        }
  written[next.number] = next
  store.changed()
}

const answering = ({ number }: Configuration): Exclude<Rule['actionParameters'], undefined> => ({
  response: { status_code: 418, content_type: 'text/plain', content: `configuration ${number}` },
})

let rules = 0

function ruleset(lastUpdated: string, of: Omit<Rule, 'id' | 'ref' | 'version' | 'lastUpdated'>[]): Ruleset {
  const identified = of.map((rule) => {
    rules += 1
    const id = rules.toString(16).padStart(32, '0')
    return { ...rule, id, ref: id, version: 1, lastUpdated }
  })
  return { id: 'e'.repeat(32), name: 'default', description: '', version: 1, lastUpdated, rules: identified }
}

/** Who a visitor is. */
interface Who {
  http: 1 | 2
  identity: Identity | undefined
  verdict: 'none' | 'valid' | 'invalid:certificate revoked'
}

/** One connection of a visitor. */
interface Open {
  connection: KeptConnection
  /** It was asked for a certificate; undefined: the configuration changed during the handshake, and no answer has told yet. */
  asked: boolean | undefined
}

async function open(who: Who): Promise<Open> {
  const from = latest()
  const connection = await keepConnection(lab.edge.port, { hostname, ...who })
  const possible = new Set(written.slice(from).map(({ associated }) => associated))
  const [only] = possible
  return { connection, asked: possible.size === 1 ? only : undefined }
}

const latest = (): number => written.length - 1

/** The canary's answer, as far as this test looks at it. */
interface Echo {
  challenge: string
  nonce: string
  method: string
  path: string
  headers: [string, string][]
  count: number
  clientCertificate?: { presented: boolean; verified: boolean }
}

const valuesOf = ({ headers }: Echo, name: string): string[] =>
  headers.filter(([key]) => key.toLowerCase() === name).map(([, value]) => value)

/** What a configuration makes of a request; the body only where the edge answers itself. */
function expected(
  { associated, blocks, headers, ssl, pulls, number }: Configuration,
  { verdict, identity }: Who,
  method: string,
  asked: boolean,
): Record<string, unknown> {
  const seen = associated && asked ? verdict : 'none'
  const blocked =
    (blocks === 'without-certificate' && seen !== 'valid') || (blocks === 'post' && method === 'POST')
  if (blocked) return { status: 418, body: `configuration ${number}` }
  const told = associated && headers
  return {
    status: 200,
    number: [String(number)],
    verdict: told ? [seen] : [],
    fingerprint: told && seen !== 'none' && identity !== undefined ? [identity.fingerprint256] : [],
    pull: ssl !== 'flexible' && pulls === 'global',
  }
}

/** The same of an answer. */
function observed({ status, body }: KeptAnswer, echo: Echo | undefined): Record<string, unknown> {
  if (echo === undefined) return { status, body }
  return {
    status,
    number: valuesOf(echo, 'x-configuration'),
    verdict: valuesOf(echo, forwardedHeaders.status),
    fingerprint: valuesOf(echo, forwardedHeaders.fingerprint),
    pull: echo.clientCertificate?.presented === true && echo.clientCertificate.verified,
  }
}

const isSame = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other)

test('5,000 requests over 20 connections while the operator writes: each is answered once, by one configuration of its time', {
  timeout: 240_000,
}, async () => {
  const { 'sensor-001': sensor, 'sensor-002': other, 'revoked-001': revoked } = material.identities
  const kinds: readonly [Omit<Who, 'http'>, ...Omit<Who, 'http'>[]] = [
    { identity: sensor, verdict: 'valid' },
    { identity: other, verdict: 'valid' },
    { identity: revoked, verdict: 'invalid:certificate revoked' },
    { identity: undefined, verdict: 'none' },
  ]
  write(configuration(0))
  let sent = 0
  let refused = 0
  const nonces = new Set<string>()
  const heaps: number[] = []
  let highest = 0
  const methods = { GET: 0, POST: 0 }

  const ask = async (who: Who, on: Open): Promise<void> => {
    sent += 1
    const challenge = sent.toString(16).padStart(8, '0')
    const method = sent % 3 === 0 ? 'POST' : 'GET'
    const path = `${canaryPath}?challenge=${challenge}`
    const body = method === 'POST' ? { body: 'x'.repeat(sent % 3000) } : {}
    const from = latest()
    const asking = on.connection.ask({ method, path, ...body })
    if (sent % perWrite === 0) write(configuration(written.length))
    if (sent % 1000 === 0) heaps.push(heapInUse())
    const answer = await asking
    const to = latest()
    const echo = answer.status === 200 ? (JSON.parse(answer.body) as Echo) : undefined
    const number = Number(
      echo === undefined
        ? /^configuration (\d+)$/.exec(answer.body)?.[1]
        : valuesOf(echo, 'x-configuration')[0],
    )
    assert.ok(
      number >= from && number <= to,
      `configuration ${number}, from ${from} to ${to}: ${answer.status}`,
    )
    const then = written[number]
    assert.ok(then !== undefined)
    const seen = observed(answer, echo)
    const explains = (asked: boolean): boolean => isSame(expected(then, who, method, asked), seen)
    if (who.identity !== undefined && explains(true) !== explains(false)) on.asked ??= explains(true)
    assert.deepEqual(seen, expected(then, who, method, on.asked ?? true), JSON.stringify(then))
    if (echo === undefined) {
      refused += 1
      return
    }
    assert.deepEqual([echo.challenge, echo.method, echo.path], [challenge, method, path])
    nonces.add(echo.nonce)
    highest = Math.max(highest, echo.count)
    methods[method] += 1
  }

  const visit = async (who: Who): Promise<void> => {
    for (let done = 0; done < perVisitor; ) {
      const on = await open(who)
      for (let here = 0; here < perConnection && done < perVisitor; here += 2, done += 2)
        await Promise.all([ask(who, on), ask(who, on)])
      on.connection.close()
    }
  }
  await Promise.all(
    Array.from({ length: visitors }, (_, at) =>
      visit({ http: at % 2 === 0 ? 1 : 2, ...pick(kinds, at >> 1) }),
    ),
  )

  assert.equal(sent, visitors * perVisitor)
  assert.equal(refused + nonces.size, sent, 'every request has an answer of its own')
  assert.equal(highest, nonces.size, 'the origin got those that were allowed, once each')
  assert.equal(written.length - 1, sent / perWrite)
  assert.ok(refused > sent / 10 && nonces.size > sent / 10 && methods.GET > 0 && methods.POST > 0)
  const [early = 0] = heaps
  const late = heaps.at(-1) ?? Number.NaN
  assert.ok(late < early * 2 + 16 * 2 ** 20, `heap after collections: ${heaps.join(', ')}`)
})

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

function heapInUse(): number {
  collect()
  return process.memoryUsage().heapUsed
}
