import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isLocal, isLocalPlane } from './local.ts'

test('this machine, and nothing that only begins like it', () => {
  for (const host of ['127.0.0.1', '127.9.8.7', '::1', '[::1]', 'localhost']) assert.ok(isLocal(host), host)
  for (const host of ['127.example.com', 'localhost.example.com', '128.0.0.1', '10.0.0.1', ''])
    assert.ok(!isLocal(host), host)
})

test('a control plane on this machine', () => {
  for (const baseURL of ['http://127.0.0.1:8080/client/v4', 'https://[::1]/x', 'http://localhost:1'])
    assert.ok(isLocalPlane({ baseURL }), baseURL)
  for (const baseURL of ['https://localhost.example.com/x', 'https://127.example.com', 'no address'])
    assert.ok(!isLocalPlane({ baseURL }), baseURL)
  assert.ok(!isLocalPlane({}), 'the real one')
})
