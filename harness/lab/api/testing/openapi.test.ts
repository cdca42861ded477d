import assert from 'node:assert/strict'
import { test } from 'node:test'
import { failure, success } from '../envelope.ts'
import { checkResponse, haveOpenApi } from './openapi.ts'

const path = `/zones/${'a'.repeat(32)}/client_certificates`
const skip = haveOpenApi ? false : 'the OpenAPI subset is not beside this checkout'

test('a good answer is compared with what its path, method and status say', { skip }, () => {
  const name = 'GET /zones/{zone_id}/client_certificates'
  assert.equal(checkResponse('GET', `${path}?page=2`, 200, success([])), `${name} 200`)
  assert.equal(checkResponse('GET', path, 404, failure(7003, 'No route for the URI')), `${name} 4XX`)
})

test('literal segments go before parameters, shared responses are followed', { skip }, () => {
  const hostnames = `/zones/${'a'.repeat(32)}/origin_tls_client_auth/hostnames/certificates`
  assert.equal(
    checkResponse('GET', hostnames, 200, success([])),
    'GET /zones/{zone_id}/origin_tls_client_auth/hostnames/certificates 200',
  )
  const ruleset = `/zones/${'a'.repeat(32)}/rulesets/phases/http_request_firewall_custom/entrypoint`
  assert.throws(() => checkResponse('GET', ruleset, 200, success({ id: 1 })), /rulesets/)
})

test('every difference is named', { skip }, () => {
  const cases: [number, unknown, RegExp][] = [
    [200, success([{ id: 1 }]), /\/result\/0\/id must be string/],
    [200, { success: true, errors: [], result: [] }, /required property 'messages'/],
    [200, { ...success([]), success: false }, /\/success/],
    [404, { ...failure(7003, 'x'), success: true }, /\/success/],
    [404, { ...failure(7003, 'x'), result: {} }, /\/result/],
    [404, failure(10, 'codes begin at 1000'), /\/errors\/0\/code/],
    [201, success([]), /no status 201/],
  ]
  for (const [status, body, message] of cases)
    assert.throws(() => checkResponse('GET', path, status, body), message)
})

test('what the document does not know is not compared', () => {
  assert.equal(checkResponse('GET', '/zones', 200, {}), undefined)
})
