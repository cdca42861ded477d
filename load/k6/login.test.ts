/** People log in with a browser: through the lab's Access and its real OpenID Connect provider. */
import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { accounts, canaryPath, payroll } from '../../harness/lab/hostnames.ts'
import { type Lab, startLab } from '../../harness/lab/lab.ts'
import { findK6, type K6 } from './find.ts'
import { type K6End, startK6 } from './process.ts'
import { makeScratch, type Scratch } from './scratch.ts'

const chromium = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync)

let k6: K6
let lab: Lab
let scratch: Scratch
let dir: string
const passwords = new Map<string, string>()

before(async () => {
  k6 = await findK6()
  scratch = await makeScratch()
  dir = await mkdtemp(join(tmpdir(), 'harness-login-test-'))
  lab = await startLab({ parts: 'all', dir })
  const { access } = JSON.parse(readFileSync(lab.labFile ?? '', 'utf8')) as {
    access: { idp: { users: { username: string; password: string }[] } }
  }
  for (const { username, password } of access.idp.users) passwords.set(username, password)
})
after(async () => {
  await lab.close()
  scratch.remove()
  await rm(dir, { recursive: true, force: true })
})

interface LoggedIn {
  end: K6End
  done: number
  /** The steps at which logins failed. */
  failed: string[]
  took: number[]
  /** Command line and environment. */
  visible: string
}

async function logIn(username: string, password: string, changes: Record<string, string> = {}) {
  assert.ok(chromium, 'no Chromium here (Debian: apt-get install --no-install-recommends chromium)')
  const result: Omit<LoggedIn, 'end' | 'visible'> = { done: 0, failed: [], took: [] }
  const { ended, pid = 0 } = startK6({
    k6: k6.path,
    script: 'login',
    log: join(scratch.dir, 'login.log'),
    own: new Set(['logins_done', 'logins_failed', 'login_duration']),
    env: {
      LOAD_URL: `https://${payroll.hostname}:${lab.edge.port}${canaryPath}?challenge=abcd`,
      LOAD_LOGIN_FILE: await scratch.file(`login-${username}`, `${username}\n${password}`),
      LOAD_CHOICE_SELECTOR: 'li a',
      // The origin's answer is JSON, which Chromium shows in one; no page on the way has any.
      LOAD_DONE_SELECTOR: 'pre',
      LOAD_DURATION: '30s',
      LOAD_TIMEOUT_MS: '5000',
      K6_BROWSER_EXECUTABLE_PATH: chromium,
      // Chromium refuses its sandbox to root, and the names of the lab are in no DNS.
      K6_BROWSER_ARGS: 'no-sandbox,host-resolver-rules=MAP * 127.0.0.1',
      ...changes,
    },
    onSample: (sample) => {
      if (sample.metric !== 'own') return
      if (sample.name === 'logins_done') result.done += sample.value
      if (sample.name === 'login_duration') result.took.push(sample.value)
      if (sample.name === 'logins_failed' && sample.value > 0) result.failed.push(sample.tags.step ?? '')
    },
  })
  const visible = ['cmdline', 'environ'].map((name) => readFileSync(`/proc/${pid}/${name}`, 'utf8')).join()
  const end = await ended
  return { ...result, end, visible } satisfies LoggedIn
}

const knownUsers = (): string[] =>
  Object.values(lab.store.state.accounts[accounts.lab.id]?.access.users ?? {}).map(({ email }) => email)

test('who may gets through Access, provider and form, each time as somebody new; Access knows the user then', async () => {
  assert.deepEqual(knownUsers().includes('bob@harness.test'), false)
  const password = passwords.get('alice') ?? ''
  const { end, done, failed, took, visible } = await logIn('alice', password, { LOAD_LOGINS: '2' })
  assert.deepEqual([end.code, end.error, done, failed], [0, undefined, 2, []])
  assert.ok(took.length === 2 && took.every((ms) => ms > 0))
  assert.ok(knownUsers().includes('alice@harness.test'))
  assert.ok(password !== '' && !visible.includes(password))
})

test('a wrong password, and a user whom the policy turns away, are failed logins and no broken script', async () => {
  for (const [username, password] of [
    ['alice', 'guess'],
    ['bob', passwords.get('bob') ?? ''],
  ] as const) {
    const { end, done, failed } = await logIn(username, password, { LOAD_TIMEOUT_MS: '2000' })
    assert.deepEqual([end.code, done, failed], [99, 0, ['done']], username)
  }
})
