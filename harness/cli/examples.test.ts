import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Command } from 'commander'
import { commands } from './commands.ts'
import { examples } from './examples.ts'
import { createProgram } from './program.ts'

const quiet = { stdout: { write: () => true }, stderr: { write: () => true } }

/** Every command that does something, by its path. */
const leaves = (parent: Command, path = ''): [string, Command][] =>
  parent.commands.flatMap((command): [string, Command][] => {
    const own = `${path}${command.name()}`
    return command.commands.length === 0 ? [[own, command]] : leaves(command, `${own} `)
  })

test('every command has examples, every example is of a command and uses options that it has', async () => {
  const program = await createProgram([], commands, quiet, () => undefined)
  const known = new Map(leaves(program).filter(([path]) => !path.startsWith('certs') && path !== 'help'))
  assert.deepEqual(Object.keys(examples).sort(), [...known.keys()].sort())
  for (const [path, lines] of Object.entries(examples)) {
    const options = new Set(known.get(path)?.options.flatMap(({ short, long }) => [short, long]))
    for (const line of lines) {
      assert.ok(line.startsWith(`harness ${path}`), line)
      const [own = ''] = line.split(' | ')
      for (const [option] of own.matchAll(/(?<=\s)--?[a-z-]+/g))
        assert.ok(options.has(option), `${line}: ${option}`)
    }
  }
})
