/**
 * `harness init`: looks at a host and writes a deployment file with what was observed.
 * @module
 */

import { access, writeFile } from 'node:fs/promises'
import { asStarted } from '../../reports/started-as.ts'
import { blackBoxDeployment } from '../deployment/blackbox.ts'
import { renderDeployment } from '../deployment/write.ts'
import { type ExitCode, exitCodes, HarnessError } from '../errors.ts'
import { observe } from '../verify/observe.ts'
import type { InitOptions } from './commands.ts'
import { onInterrupt } from './interrupt.ts'

/** Observes the host and writes the file; never overwrites one without `--force`. */
export async function initCommand(
  hostname: string,
  { connectTo, out, force }: InitOptions,
): Promise<ExitCode> {
  const deployment = blackBoxDeployment(hostname, connectTo === undefined ? {} : { connectTo })
  const exists = await access(out).then(
    () => true,
    () => false,
  )
  if (exists && force !== true) {
    throw new HarnessError('ERR_USAGE', `${out} exists`, {
      hint: '--force overwrites it, --out FILE writes another',
    })
  }
  const interrupt = onInterrupt()
  process.stdout.write(`looking at ${hostname} …\n`)
  const seen = await observe(deployment, interrupt.signal)
  interrupt.done()
  if (!seen.reachable) {
    throw new HarnessError('ERR_UNREACHABLE', `${hostname} did not answer in TLS: ${seen.unreachable}`, {
      hint: 'check the name and the port, or give --connect-to ADDR:PORT',
    })
  }
  const text = renderDeployment({
    hostname,
    facts: seen.facts,
    ...(connectTo === undefined ? {} : { connect: connectTo }),
  })
  await writeFile(out, asStarted(text))
  const { clientCertificate: policy } = seen.facts
  const lines = [
    `TLS 1.2: client certificate ${policy['TLSv1.2']}; TLS 1.3: ${policy['TLSv1.3']}; enforced: ${policy.enforced} (${policy.because})`,
    `written ${out}: fill in what only you can know (marked there), then`,
    `  harness verify -d ${out}`,
  ]
  process.stdout.write(`${lines.join('\n')}\n`)
  return exitCodes.ok
}
