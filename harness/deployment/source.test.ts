import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseSource } from './source.ts'
import { assertRefused, failure, scratch } from './testing.ts'

const directory = scratch()

const syntax: [what: string, lines: string, says: RegExp][] = [
  ['line without colon', '»canary', /^syntax: this line is not `key: value`$/],
  ['tab', 'mtls:\n»\tmode: off', /^syntax: tabs are not allowed as indentation$/],
  [
    'bracket that does not end',
    'siblings: [b.example\n»deadline: 5s',
    /^syntax: flow sequence .* end with a \]$/,
  ],
  ['tag', 'canary: »!s3cret /x', /^syntax: a value that begins with ! is a tag/],
  ['two documents', '»---\nhostname: b.example', /^syntax: a second document begins here/],
  ['alias to nothing', 'canary: »*s3cret', /no such anchor was set/],
]
for (const [what, lines, says] of syntax) {
  test(`syntax: ${what}`, () => assertRefused(directory, lines, says))
}

test('syntax: what is said about the line before or after', async () => {
  const quote = await failure(directory, 'hostname: a.example\ncanary: "/x\n')
  assert.match(quote.message, /^syntax: missing closing "quote$/)
  const indent = await failure(directory, 'hostname: a.example\n  connect: x:1\n')
  assert.match(
    indent.message,
    /^syntax: a value with a further key on it; check the indentation of the next line/,
  )
  assert.deepEqual([indent.location?.line, indent.location?.column], [1, 11])
})

test('files that hold something else', async () => {
  const message = async (text: string) => (await failure(directory, text)).message
  assert.match(await message(''), /^the file is empty/)
  assert.match(await message('# nothing\n'), /^the file is empty/)
  assert.equal(await message('- a.example\n'), 'this is not a deployment file')
  assert.equal(await message('a.example\n'), 'this is not a deployment file')
})

test('JSON has the same errors at the same places', async () => {
  const comma = await failure(directory, '{\n  "hostname": "a.example"\n  "connect": "a:1"\n}\n', 'h.json')
  assert.deepEqual(comma.location, { file: `${directory}/h.json`, line: 3, column: 3 })
  const text = '{\n\t"hostname": "a.example",\n\t"mtls": {\n\t\t"mode": "of",\n\t\t"mode": "off"\n\t}\n}\n'
  const { problems } = await failure(directory, text, 'h.json')
  assert.deepEqual(
    problems.map(({ line, column, message }) => [line, column, message]),
    [
      [4, 11, 'mtls.mode: `of` is not one of enforce, report, off; did you mean off?'],
      [5, 3, '`mode` is given twice; the first is on line 4'],
    ],
  )
})

test('aliases cannot make a small file large, or endless', async () => {
  const levels = Array.from({ length: 12 }, (_, at) => {
    const inner = at === 0 ? '[x]' : `[${Array.from({ length: 9 }, () => `*a${at - 1}`).join(', ')}]`
    return `k${at}: &a${at} ${inner}\n`
  })
  const limit = /nested too deeply or too large/
  assert.match((await failure(directory, `hostname: a.example\n${levels.join('')}`)).message, limit)
  assert.match((await failure(directory, 'hostname: a.example\nsiblings: &s [*s]\n')).message, limit)
})

test('a key may have any name without being special', () => {
  const { value, problems } = parseSource('__proto__: { polluted: true }\nconstructor: 1\n')
  assert.deepEqual(problems, [])
  assert.deepEqual(Object.keys(value as object), ['__proto__', 'constructor'])
  assert.equal(({} as { polluted?: boolean }).polluted, undefined)
})

test('references keep their positions and their text', () => {
  const source = parseSource('a: { b: ${NAME}, c: [x${Y}z, "${Z}"] } # ${W}\n')
  assert.deepEqual(JSON.parse(JSON.stringify(source.value)), { a: { b: '${NAME}', c: ['x${Y}z', '${Z}'] } })
  assert.deepEqual(source.position(['a', 'c', 1]), { line: 1, column: 30 })
  assert.deepEqual(source.position(['a', 'c'], 'key'), { line: 1, column: 18 })
  assert.deepEqual(source.position(['a', 'nothing', 'here']), { line: 1, column: 1 })
})
