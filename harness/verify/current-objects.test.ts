import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { resultOf } from '../../fixtures/run.ts'
import { loadCatalogue } from '../../suites/index.ts'
import { coverEverything, requireCertificate } from '../../suites/remedies.ts'
import { blackBoxDeployment } from '../deployment/blackbox.ts'
import { loadDeployment } from '../deployment/load.ts'
import { startLab } from '../lab/lab.ts'
import { type CurrentObjects, fillIn, withCurrentObjects } from './current-objects.ts'

const [model] = await loadCatalogue()
assert(model)
const check = { ...model, remediation: `${requireCertificate}\n\n${coverEverything}` }

const objects: CurrentObjects = {
  zone: 'z'.repeat(32),
  account: 'a'.repeat(32),
  hostname: 'api.example.com',
  ruleset: 'rs1',
  rules: [
    {
      id: 'r1',
      description: '',
      expression: 'http.host eq "api.example.com"\n and true',
      action: 'block',
      enabled: false,
    },
    {
      id: 'r2',
      description: '',
      expression: 'http.host eq "www.example.com"',
      action: 'block',
      enabled: true,
    },
  ],
  cas: [
    {
      id: 'managed',
      name: 'the managed CA',
      certificate: undefined,
      expiresOn: undefined,
      hostnames: ['a.example.com', 'b.example.com'],
    },
  ],
}

test('placeholders become the ids of now; what a PUT would replace is listed', () => {
  const text = fillIn(check.remediation, objects)
  assert.doesNotMatch(text, /<zone>|\{zone\}|<ruleset>|<rule>|<HOST>|\bHOST\b/)
  assert(text.includes(`/zones/${objects.zone}/rulesets/rs1/rules/r1`))
  assert(text.includes('  r1  block (switched off)  http.host eq "api.example.com" and true'))
  assert(!text.includes('www.example.com'), 'rules of others are nobody’s business here')
  assert(text.includes('a PUT on the ruleset would replace all 2 of them'))
  assert(text.includes('the managed CA (managed): a.example.com, b.example.com'))
  assert(text.includes('PUT replaces the whole list'))
})

test('what is not known stays a placeholder', () => {
  const two = objects.rules?.map((rule) => ({ ...rule, expression: 'http.host eq "api.example.com"' }))
  assert.match(fillIn(coverEverything, { ...objects, rules: two }), /rulesets\/rs1\/rules\/<rule>/)
  const blind = fillIn(check.remediation, {
    ...objects,
    ruleset: undefined,
    rules: undefined,
    cas: undefined,
  })
  assert.match(blind, /<ruleset>/)
  assert.doesNotMatch(blind, /^Now/m)
  assert.match(
    fillIn(coverEverything, { ...objects, ruleset: undefined, rules: [] }),
    /has no custom rules at all/,
  )
})

test('in the lab a finding names the objects of the lab, and only a finding does', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'harness-objects-'))
  const lab = await startLab({ dir, parts: 'control-plane' })
  try {
    const deployment = await loadDeployment(lab.deploymentFile ?? '')
    const [failed, passed] = await withCurrentObjects(
      [resultOf(check, 'fail', {}), resultOf(check, 'pass', {})],
      deployment,
    )
    assert(failed)
    const { controlPlane, target } = deployment
    assert(controlPlane !== undefined)
    assert(failed.remediation.includes(`/zones/${controlPlane.zone}/`))
    assert(failed.remediation.includes(`PUT replaces the whole list`))
    assert.match(failed.remediation, new RegExp(`^  [0-9a-f]{32}  block .*${target.hostname}`, 'm'))
    assert(!failed.remediation.includes(controlPlane.token))
    assert.equal(passed?.remediation, check.remediation)
  } finally {
    await lab.close()
    await rm(dir, { recursive: true, force: true })
  }
})

test('without a control plane, or where it does not answer, the text stays general', async () => {
  const failed = [resultOf(check, 'fail', {})]
  const deployment = blackBoxDeployment('api.example.com', { connectTo: '127.0.0.1:1' })
  assert.equal((await withCurrentObjects(failed, deployment))[0]?.remediation, check.remediation)
  const plane = { baseURL: 'http://127.0.0.1:1', zone: 'z', account: 'a', token: 't' }
  const [general] = await withCurrentObjects(failed, { ...deployment, controlPlane: plane })
  assert.match(general?.remediation ?? '', /\/zones\/z\/rulesets\/<ruleset>/)
})
