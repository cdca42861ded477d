/**
 * People who log in, in a real browser (k6's browser module; needs Chromium, see `K6_BROWSER_EXECUTABLE_PATH`).
 *
 * | variable | meaning |
 * |---|---|
 * | `LOAD_URL` | the protected page |
 * | `LOAD_LOGIN_FILE` | first line the user, second the password (or code) |
 * | `LOAD_USER_SELECTOR`, `LOAD_PASSWORD_SELECTOR` | CSS; defaults `input[name=username]`, `input[type=password]` |
 * | `LOAD_NEXT_SELECTOR` | pressed between the two where they are on pages of their own; default: none |
 * | `LOAD_SUBMIT_SELECTOR` | default `button[type=submit]` |
 * | `LOAD_DONE_SELECTOR` | is there only when the login worked; required |
 * | `LOAD_CHOICE_SELECTOR` | pressed first, to choose a way to log in; default: none |
 * | `LOAD_USERS`, `LOAD_LOGINS` | people at once, logins in all; default 1 and 1 |
 * | `LOAD_TIMEOUT_MS` | of one step; default 10000 |
 * @module
 */
import { browser, type Page } from 'k6/browser'
import exec from 'k6/execution'
import { Counter, Trend } from 'k6/metrics'
import type { Options } from 'k6/options'
import { fileOf, needed, setting } from './settings.ts'

const url = needed('LOAD_URL')
const done = needed('LOAD_DONE_SELECTOR')
needed('LOAD_LOGIN_FILE')
const [user, password] = (fileOf('LOAD_LOGIN_FILE') ?? '').split('\n').map((line) => line.trim())
if (user === undefined || user === '') throw new Error('LOAD_LOGIN_FILE: the first line is the user')
const userField = setting('LOAD_USER_SELECTOR') ?? 'input[name=username]'
const passwordField = setting('LOAD_PASSWORD_SELECTOR') ?? 'input[type=password]'
const submit = setting('LOAD_SUBMIT_SELECTOR') ?? 'button[type=submit]'
const choice = setting('LOAD_CHOICE_SELECTOR')
const next = setting('LOAD_NEXT_SELECTOR')
const timeout = Number(setting('LOAD_TIMEOUT_MS') ?? '10000')

const loggedIn = new Counter('logins_done')
const failed = new Counter('logins_failed')
const took = new Trend('login_duration', true)

export const options: Options = {
  scenarios: {
    login: {
      executor: 'shared-iterations',
      exec: 'login',
      vus: Number(setting('LOAD_USERS') ?? '1'),
      iterations: Number(setting('LOAD_LOGINS') ?? '1'),
      maxDuration: setting('LOAD_DURATION') ?? '60s',
      options: { browser: { type: 'chromium' } },
    },
  },
  thresholds: { logins_failed: ['count==0'] },
  insecureSkipTLSVerify: true,
}

/**
 * Waits until the application is there. The way leads over several pages, and k6's browser gives up waiting with an error of its
 * own ("same JavaScript world") when a page goes away meanwhile: then it is asked again, until the time is over.
 */
async function arrive(page: Page): Promise<void> {
  const end = Date.now() + timeout
  for (;;) {
    try {
      await page.locator(done).waitFor({ timeout: Math.max(1, end - Date.now()) })
      return
    } catch (error) {
      if (Date.now() >= end || /timed out/.test(String(error))) throw error
    }
  }
}

/** One login with a browser context of its own: no cookie of the one before. */
export async function login(): Promise<void> {
  const context = await browser.newContext({ ignoreHTTPSErrors: true })
  const page = await context.newPage()
  const start = Date.now()
  let step = 'open'
  try {
    await page.goto(url, { timeout })
    if (choice !== undefined) {
      step = 'choice'
      await page.locator(choice).click({ timeout })
    }
    step = 'user'
    await page.locator(userField).fill(user ?? '', { timeout })
    if (next !== undefined) await page.locator(next).click({ timeout })
    if (password !== undefined && password !== '') {
      step = 'password'
      await page.locator(passwordField).fill(password, { timeout })
    }
    step = 'submit'
    await page.locator(submit).click({ timeout })
    step = 'done'
    await arrive(page)
    took.add(Date.now() - start)
    loggedIn.add(1)
  } catch {
    // The step only: what the browser says could quote the page, and a page can repeat what was typed.
    failed.add(1, { step })
    exec.vu.metrics.tags.failed_step = step
  } finally {
    await page.close()
    await context.close()
  }
}
