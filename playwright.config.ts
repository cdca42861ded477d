import { defineConfig } from '@playwright/test'

/** Used by `harness verify` only, which sets the environment; see harness/verify/execute.ts. */
export default defineConfig({
  testDir: 'suites',
  testMatch: /\.spec\.[jt]s$/,
  fullyParallel: true,
  workers: Number(process.env.HARNESS_WORKERS ?? 2),
  timeout: Number(process.env.HARNESS_CHECK_TIMEOUT ?? 60_000),
  retries: 0,
  outputDir: process.env.HARNESS_WORK ?? 'test-results',
  preserveOutput: 'never',
  reporter: [[import.meta.url.endsWith('.ts') ? './fixtures/reporter.ts' : './fixtures/reporter.js']],
})
