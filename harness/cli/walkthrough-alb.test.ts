/**
 * docs/walkthroughs/aws-alb-origin-pulls.md: every command runs as it stands there, and shows what the text says.
 */
import assert from 'node:assert/strict'
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { withoutDocker } from '../lab/origins/containers/testing.ts'
import { bin, finished, interruptLab, type RunningLab, startLabUp } from './testing/lab-up.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))

let dir = ''
let text = ''
let lab: RunningLab | undefined
before(async () => {
  if (withoutDocker !== false) return
  text = await readFile(join(root, 'docs/walkthroughs/aws-alb-origin-pulls.md'), 'utf8')
  dir = await mkdtemp(join(tmpdir(), 'harness-walkthrough-'))
  await mkdir(join(dir, 'tools'))
  await writeFile(join(dir, 'tools', 'harness'), `#!/bin/sh\nexec "${process.execPath}" "${bin}" "$@"\n`, {
    mode: 0o755,
  })
  await symlink(join(root, 'node_modules'), join(dir, 'node_modules'))
})
after(async () => {
  if (lab !== undefined) await interruptLab(lab)
  if (dir !== '') await rm(dir, { recursive: true, force: true })
})

/** Content of the fenced blocks, in their order. */
const blocks = (): { language: string; content: string }[] =>
  [...text.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)].map(([, language = '', content = '']) => ({
    language,
    content,
  }))

/** What was printed after a block was begun, up to the next. */
function printedBy(out: string, at: number): string {
  const [, rest = ''] = out.split(`== block ${at}\n`)
  return rest.split(/^== block \d+$/m)[0] ?? ''
}

test('the walk-through of the AWS load balancer runs as it is written', { skip: withoutDocker }, async () => {
  const all = blocks()
  assert.deepEqual([...new Set(all.map(({ language }) => language))].toSorted(), ['js', 'sh'])
  const [script, ...otherScripts] = all.filter(({ language }) => language === 'js')
  assert.equal(otherScripts.length, 0)
  await writeFile(join(dir, 'pulls.mjs'), script?.content ?? '')
  const [start, ...commands] = all.filter(({ language }) => language === 'sh')
  assert.equal(start?.content, 'harness lab up --containers\n')
  lab = await startLabUp(dir, ['--containers'])

  // A command that fails, also inside a pipe or a substitution, ends it.
  const shell = commands.map(({ content }, at) => `echo '== block ${at}'\n${content}`).join('\n')
  const { code, out, err } = await finished(
    'bash',
    ['-c', `set -euo pipefail\n${shell}\necho 'to the end'\n`],
    {
      cwd: dir,
      env: {
        ...process.env,
        PATH: [join(dir, 'tools'), dirname(process.execPath), process.env.PATH].join(delimiter),
      },
    },
  )
  assert.equal(code, 0, `${out.slice(-3000)}\n${err}`)
  assert.match(out, /to the end\n$/)

  const at = (words: string): string => {
    const found = commands.findIndex(({ content }) => content.includes(words))
    assert.notEqual(found, -1, words)
    return printedBy(out, found)
  }
  assert.match(at('"$first"\nlistener'), /visitor 200\npast the edge 200\n/)
  assert.match(at('openssl genrsa'), /cert\.crt: OK/)
  assert.match(at('status_within 503'), /target: 503\ntarget: 200\n/)
  const looked = at('openssl s_client')
  assert.match(looked, /read server certificate request/)
  assert.match(looked, /read:errno|unexpected eof/)
  assert.match(looked, /s_client was turned away/)
  assert.match(looked, /Request CERT \(13\)/)
  assert.match(looked, /curl was turned away/)
  assert.match(
    printedBy(
      out,
      commands.findIndex(({ content }) => content === 'echo "visitor $(code visit)"\n'),
    ),
    /^visitor 520$/m,
  )
  assert.match(at('pulls.mjs upload'), /the edge presents it\nvisitor 200\npast the edge 000\nno answer\n/)
  const told = at('x-amzn-mtls-clientcert')
  assert.match(told, /subject,CN=alb\.harness\.test/i)
  assert.match(told, /issuer,CN=harness\.test/i)
  assert.match(at('harness verify'), /✓ origin\.direct /)
  assert.match(at('somebody else'), /not the one who is let in: 403\nthe edge is: 200\n/)
  assert.match(at('rolled back first'), /rolled back first: visitor 520/)
  assert.match(at('rolled back by false'), /refused: 400 1433\nrolled back by false: visitor 200/)
  assert.match(
    at('rolled back by null'),
    /there is no association\ndeleted\nrolled back by null: visitor 200/,
  )

  const printed = out + err + lab.text()
  const { api } = JSON.parse(await readFile(join(dir, 'harness-lab', 'lab.json'), 'utf8')) as {
    api: { token: string }
  }
  assert.ok(!printed.includes(api.token), 'the token is not printed')
  assert.doesNotMatch(printed, /PRIVATE KEY/)
})
