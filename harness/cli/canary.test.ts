import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { canaryCommand } from './canary.ts'
import { canaryKinds } from './commands.ts'

async function printed(kind: string): Promise<string> {
  let text = ''
  const code = await canaryCommand(kind, (part) => {
    text += part
  })
  assert.equal(code, 0)
  return text
}

for (const kind of canaryKinds) {
  test(`canary ${kind}: the text, with how to install it and to take it away`, async () => {
    const text = await printed(kind)
    assert.match(text, /Install: /)
    assert.match(text, /canary: \/__harness\/echo/)
    assert.match(text, /away after/)
    assert.doesNotMatch(text, /biome-ignore/)
    assert(text.endsWith('\n'))
  })
}

test('canary node prints the file that is tested', async () => {
  const file = await readFile(new URL('../../fixtures/canary/node.mjs', import.meta.url), 'utf8')
  assert.equal(await printed('node'), file)
})

test('an unknown kind is a usage error that lists the known ones', async () => {
  for (const kind of ['iis', 'constructor', '']) {
    await assert.rejects(canaryCommand(kind), {
      code: 'ERR_USAGE',
      exitCode: 2,
      hint: 'one of node, worker, nginx, httpd',
    })
  }
})
