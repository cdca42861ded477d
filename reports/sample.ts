/**
 * A realistic results file: for tests, and for looking at the formats without a run.
 * @module
 */
import { sampleChecks } from './sample-checks.ts'
import { exitCodeOf, summarise, verdictSentence } from './summarise.ts'
import { type CheckResult, type Results, schemaVersion } from './types.ts'

/** Completes results: counts, exit code and verdict sentence follow from the rest. */
export function complete(parts: Omit<Results, 'summary' | 'exitCode' | 'verdict'>): Results {
  const { checks, run } = parts
  const exitCode = exitCodeOf(checks, run.failOn, run.interrupted)
  return { ...parts, summary: summarise(checks), exitCode, verdict: verdictSentence({ ...parts, exitCode }) }
}

const base: Omit<Results, 'summary' | 'exitCode' | 'verdict' | 'checks'> = {
  schemaVersion,
  tool: { name: 'mtls-access-harness', version: '0.1.0', node: 'v24.11.0' },
  run: {
    id: '2026-11-23T08-15-00Z-4f1d',
    started: '2026-11-23T08:15:00.000Z',
    durationMs: 3412,
    profile: 'default',
    failOn: 'medium',
    interrupted: false,
    selection: { only: [], skip: [] },
    faults: [],
    connections: 143,
  },
  target: {
    hostname: 'api.example.com',
    connect: '203.0.113.7:443',
    deployment: 'harness.yaml',
    deploymentHash: '9c56cc51b374c3ba189210d5b6d4bf57790d351c96c47c02190ecf1e430635ab',
    mode: 'enforce',
    lab: false,
  },
  facts: {
    clientCertificate: {
      'TLSv1.2': 'requested',
      'TLSv1.3': 'requested',
      enforced: false,
      enforcedAt: 'none',
      caNames: [
        'CN=Example Devices CA,O=Example GmbH,C=DE',
        'CN=Example Devices CA 2027,O=Example GmbH,C=DE',
      ],
      because: 'a certificate of an impostor CA (same name, another key identifier) reached the application',
    },
    addresses: ['203.0.113.7', '2001:db8::7'],
    serverCertificate: {
      subject: 'CN=api.example.com',
      issuer: 'CN=Example TLS CA 4,O=Example Trust,C=DE',
      notAfter: '2027-02-20T23:59:59.000Z',
      fingerprint256: '5f1c0e7d8b2a4c6e9f013b5d7a8c2e4f60718293a4b5c6d7e8f90a1b2c3d4e5f',
      trusted: true,
    },
    alpn: ['h2', 'http/1.1'],
    server: 'nginx',
  },
}

/** A run with findings: every verdict occurs; exit code 1. */
export const sampleResults = (): Results => complete(structuredClone({ ...base, checks: [...sampleChecks] }))

const healthy = (check: CheckResult): boolean => check.verdict === 'pass' || check.verdict === 'note'

const enforced: Results['facts']['clientCertificate'] = {
  ...base.facts.clientCertificate,
  'TLSv1.3': 'required',
  enforced: true,
  enforcedAt: 'tls',
  because: 'every request without a valid certificate was refused, one with it was answered',
}

/** A run in which everything held; exit code 0. */
export function samplePassing(): Results {
  const parts = structuredClone(base)
  parts.facts.clientCertificate = enforced
  return complete({ ...parts, checks: sampleChecks.filter(healthy) })
}

/** A run without a deployment file that found nothing wrong; exit code 0. */
export function sampleBlackBox(): Results {
  const parts = structuredClone(base)
  parts.facts.clientCertificate = enforced
  parts.target = { ...parts.target, deployment: null, deploymentHash: null, mode: 'undeclared' }
  const checks = sampleChecks
    .filter((check) => healthy(check) || check.verdict === 'not-applicable')
    .map(
      (check): CheckResult =>
        check.id === 'client-cert.valid'
          ? {
              ...check,
              verdict: 'not-applicable',
              reason: 'needs mtls.identities or mtls.ca.key',
              observed: '',
              evidence: [],
            }
          : check,
    )
  return complete({ ...parts, checks })
}
