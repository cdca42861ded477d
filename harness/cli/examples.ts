/**
 * Examples for each command's help: data, so that a command without one is seen.
 * @module
 */

/** Command lines by command path. */
export const examples: Readonly<Record<string, readonly string[]>> = {
  verify: [
    'harness verify api.example.com',
    'harness verify -d harness.yaml --fail-on high --out nightly',
    'harness verify -d harness.yaml --connect-to 198.51.100.4:443',
    "harness verify --lab --fault edge.accepts-expired-day --only 'client-cert.*'",
    'harness verify --lab --containers',
  ],
  init: [
    'harness init api.example.com',
    'harness init api.example.com --connect-to 203.0.113.7:443 --out api.yaml',
  ],
  checks: ['harness checks', "harness checks --json | jq -r '.[].id'"],
  explain: ['harness explain client-cert.impostor-ca'],
  'lab up': [
    'harness lab up',
    'harness lab up --out ./lab --port 8443 --fault edge.head-open',
    'harness lab up --realistic-delays',
    'harness lab up --containers',
  ],
  'lab clean': ['harness lab clean', 'harness lab clean --images'],
  'lab faults': ['harness lab faults'],
  'lab behaviours': ['harness lab behaviours', "harness lab behaviours --json | jq '.[] | select(.point)'"],
  'lab scenario': [
    'harness lab scenario',
    'harness lab scenario api-shield login',
    'harness lab scenario all --lab ./lab --json',
  ],
  'lab state export': ['harness lab state export --out before.json'],
  'lab state import': ['harness lab state import before.json'],
  'lab state diff': [
    'harness lab state diff before.json',
    'harness lab state diff before.json after.json --json',
  ],
  selftest: [
    'harness selftest',
    'harness selftest --check client-cert.revoked',
    'harness selftest --fault edge.head-open',
    'harness selftest --check origin.direct --containers',
  ],
  canary: ['harness canary node > canary.mjs', 'harness canary nginx'],
  report: ['harness report harness-report'],
  doctor: ['harness doctor', 'harness doctor --json'],
}

/** The examples of a command as help text; empty where there are none. */
export function exampleText(path: string): string {
  const lines = examples[path]
  return lines === undefined ? '' : `\nExamples:\n${lines.map((line) => `  ${line}`).join('\n')}`
}
