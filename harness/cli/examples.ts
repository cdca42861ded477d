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
  'drill rollback': [
    'harness drill rollback --lab',
    'harness drill rollback --lab --order all --out drills',
    'harness drill rollback -d harness.yaml --allow-changes --hostname api.example.com',
  ],
  'drill restore': [
    'harness drill restore harness-drill/drill-export.json -d harness.yaml --allow-changes --hostname api.example.com',
  ],
  selftest: [
    'harness selftest',
    'harness selftest --check client-cert.revoked',
    'harness selftest --fault edge.head-open',
    'harness selftest --check origin.direct --containers',
  ],
  canary: ['harness canary node > canary.mjs', 'harness canary nginx'],
  'load cost': [
    'harness load cost --lab',
    'harness load cost --lab --containers --servers nginx,haproxy,node --tls 1.2,1.3 --max-time 15m',
    'harness load cost --lab --servers nginx --rounds 12 --out nightly',
    'harness load cost 127.0.0.1:8443 --control-port 8444 --pid 4711 --client-ca ca.pem --client-ca-key ca-key.pem',
  ],
  'load flood': [
    'harness load flood --lab',
    'harness load flood --lab --servers nginx --profiles none,expired,forged-chain --rates 50,100,200,400 --objective 100',
    'harness load flood origin.example.com:443 --i-am-allowed-to-load origin.example.com --cert valid.pem --key valid-key.pem --profiles none',
    'harness load flood 127.0.0.1:8443 --emit k6-operator --client-ca ca.pem --client-ca-key ca-key.pem --out k6',
  ],
  'load proof': ['harness load proof --lab', 'harness load proof --lab --containers --servers nginx,haproxy'],
  'load capacity': [
    'harness load capacity --lab',
    'harness load capacity --lab --servers nginx,haproxy --objective 50 --max-time 5m',
  ],
  plan: [
    'harness plan harness-load --valid 2000 --invalid expired=500,none=200 --objective 50',
    'harness plan harness-load --cores 4 --of forged-chain --valid 1000 --server haproxy',
    'harness plan harness-load --valid 5000 --scaling 1=900,2=1700,4=3100 --json',
  ],
  compare: ['harness compare before after', 'harness compare before after --max-regression 10 --json'],
  report: ['harness report harness-report', 'harness report harness-load'],
  doctor: ['harness doctor', 'harness doctor --json'],
}

/** The examples of a command as help text; empty where there are none. */
export function exampleText(path: string): string {
  const lines = examples[path]
  return lines === undefined ? '' : `\nExamples:\n${lines.map((line) => `  ${line}`).join('\n')}`
}
