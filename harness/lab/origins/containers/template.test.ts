import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fillTemplate } from './template.ts'

test('values are filled in, sections kept or dropped whole', () => {
  const template = 'a {{x}}\n{{#y}}\nb {{y}}\n{{#z}}\nc {{z}}\n{{/z}}\n{{/y}}\nd'
  assert.equal(fillTemplate(template, { x: '1', y: '2', z: '3' }), 'a 1\nb 2\nc 3\nd')
  assert.equal(fillTemplate(template, { x: '1', y: '2', z: undefined }), 'a 1\nb 2\nd')
  assert.equal(fillTemplate(template, { x: '1', y: '', z: '3' }), 'a 1\nd')
  assert.equal(fillTemplate('{{x}}', { x: '$& {{y}}', y: 'no' }), '$& {{y}}', 'values are not templates')
})

test('a template never guesses', () => {
  assert.throws(() => fillTemplate('{{x}}', {}), /names "x"/)
  assert.throws(() => fillTemplate('{{constructor}}', {}), /names "constructor"/)
  assert.throws(() => fillTemplate('{{x}}', { x: undefined }), /uses "x"/)
  assert.throws(() => fillTemplate('{{#x}}\n', { x: '1' }), /does not close "x"/)
  assert.throws(() => fillTemplate('{{#x}}\n{{/y}}\n', { x: '1' }), /closes "y"/)
})
