import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { root } from '../bin/node.mjs'

/** Files that import something, and whether the lint rules must refuse it. */
const cases: [file: string, specifier: string, refused: boolean][] = [
  ['harness/wire/a.ts', '../pki/keys.ts', true],
  ['harness/wire/a.ts', '../errors.ts', false],
  ['harness/wire/deep/a.ts', '../records.ts', false],
  ['harness/wire/deep/a.ts', '../../probe/types.ts', true],
  ['harness/pki/a.ts', '../wire/types.ts', true],
  ['harness/pki/a.ts', '../errors.ts', false],
  ['harness/probe/a.ts', '../wire/connection.ts', false],
  ['harness/probe/a.ts', '../pki/types.ts', false],
  ['harness/probe/a.ts', '../deployment/types.ts', true],
  ['harness/probe/a.ts', '../verify/plan.ts', true],
  ['harness/probe/a.ts', '../lab/lab.ts', true],
  ['harness/deployment/a.ts', '../pki/pem.ts', false],
  ['harness/deployment/a.ts', '../probe/types.ts', false],
  ['harness/deployment/a.ts', '../probe/attempt.ts', true],
  ['harness/lab/edge/a.ts', '../../wire/records.ts', false],
  ['harness/lab/edge/a.ts', '../../deployment/types.ts', false],
  ['harness/lab/edge/a.ts', '../../deployment/load.ts', true],
  ['harness/lab/edge/a.ts', '../../probe/attempt.ts', true],
  ['harness/lab/a.ts', '../verify/plan.ts', true],
  ['harness/lab/a.ts', '../../suites/index.ts', true],
  ['harness/lab/a.ts', '../../fixtures/run.ts', true],
  ['harness/verify/a.ts', '../probe/attempt.ts', false],
  ['harness/verify/a.ts', '../../suites/index.ts', false],
  ['harness/verify/a.ts', '../cli/run.ts', true],
  ['harness/drill/a.ts', '../probe/attempt.ts', false],
  ['harness/drill/a.ts', '../pki/types.ts', false],
  ['harness/drill/a.ts', '../../reports/drill/types.ts', false],
  ['harness/drill/a.ts', '../lab/lab.ts', true],
  ['harness/drill/a.ts', '../cli/drill.ts', true],
  ['harness/drill/a.ts', '../../suites/index.ts', true],
  ['harness/lab/a.ts', '../drill/run.ts', true],
  ['harness/verify/a.ts', '../drill/run.ts', true],
  ['harness/cli/a.ts', '../drill/run.ts', false],
  ['harness/cli/a.ts', '../lab/lab.ts', false],
  ['harness/cli/a.ts', '../verify/verify.ts', false],
  ['fixtures/a.ts', '../harness/probe/attempt.ts', false],
  ['fixtures/a.ts', '../suites/index.ts', true],
  ['fixtures/a.ts', '../harness/lab/lab.ts', true],
  ['suites/tls/a.ts', '../../fixtures/run.ts', false],
  ['suites/tls/a.ts', '../../harness/verify/plan.ts', true],
  ['reports/a.ts', './types.ts', false],
  ['reports/a.ts', '../harness/errors.ts', true],
  ['reports/a.ts', '../fixtures/run.ts', true],
  ['harness/lab/a.test.ts', '../probe/attempt.ts', false],
]

/** Every way to import. Each must be seen by the rule. */
const forms: [name: string, source: (specifier: string) => string][] = [
  ['import', (specifier) => `import { a } from '${specifier}'\n\nexport const b = a\n`],
  ['import type', (specifier) => `import type { a } from '${specifier}'\n\nexport type B = a\n`],
  ['side effect', (specifier) => `import '${specifier}'\n`],
  ['re-export', (specifier) => `export { a } from '${specifier}'\n`],
  ['dynamic', (specifier) => `export const a = () => import('${specifier}')\n`],
]

interface Diagnostic {
  category: string
  location: { path: string }
}

test('an import against the direction of DESIGN is refused by lint, one along it is not', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'import-rules-'))
  t.after(() => rmSync(folder, { recursive: true }))
  cpSync(join(root, 'biome.json'), join(folder, 'biome.json'))
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))

  const expected = new Map<string, boolean>()
  for (const [number, [file, specifier, refused]] of cases.entries()) {
    for (const [form, source] of forms) {
      const path = file.replace('/a.', `/case-${number}-${form.replace(' ', '-')}.`)
      mkdirSync(dirname(join(folder, path)), { recursive: true })
      writeFileSync(join(folder, path), source(specifier))
      expected.set(path, refused)
    }
  }

  const biome = join(root, 'node_modules', '@biomejs', 'biome', 'bin', 'biome')
  const options = ['--vcs-enabled=false', '--max-diagnostics=none', '--reporter=json']
  const { stdout, stderr } = spawnSync(process.execPath, [biome, 'lint', ...options, '.'], {
    cwd: folder,
    encoding: 'utf8',
  })
  assert.match(stdout, /^\{/, stderr)
  const { diagnostics } = JSON.parse(stdout) as { diagnostics: Diagnostic[] }
  const refused = new Set(
    diagnostics
      .filter(({ category }) => category === 'lint/style/noRestrictedImports')
      .map(({ location }) => location.path),
  )
  for (const [path, wanted] of expected) {
    assert.equal(refused.has(path), wanted, `${path} is ${wanted ? 'not refused' : 'refused'}`)
  }
})
