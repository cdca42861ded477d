/**
 * `harness lab`: the embedded lab in the foreground, and its faults.
 * @module
 */
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { type ExitCode, exitCodes, HarnessError } from '../errors.ts'
import { faults } from '../lab/faults.ts'
import { labHostnames } from '../lab/hostnames.ts'
import { startLab } from '../lab/lab.ts'
import type { JsonOption, LabUpOptions } from './commands.ts'
import { ensureFolder } from './folder.ts'
import { onInterrupt } from './interrupt.ts'

/** Runs the lab until SIGINT, then takes it down whole. */
export async function labUpCommand({ out, fault = [], port }: LabUpOptions): Promise<ExitCode> {
  const interrupt = onInterrupt()
  const dir = resolve(out)
  await ensureFolder(dir)
  if (existsSync(join(dir, 'lab.json'))) {
    throw new HarnessError('ERR_USAGE', `a lab is using ${dir} (lab.json is there)`, {
      hint: 'name another folder with --out; where that lab was killed, remove the folder first',
    })
  }
  const lab = await startLab({ faults: fault, dir, ...(port === undefined ? {} : { port }) })
  const lines = [
    `lab is up on ${lab.edge.host}:${lab.edge.port} (plain HTTP on ${lab.edge.plainPort}); Ctrl-C takes it down`,
    '',
    ...labHostnames.map(({ hostname, what }) => `  ${hostname.padEnd(26)} ${what}`),
    '',
    `deployment  ${lab.deploymentFile ?? ''}`,
    `for clients ${lab.labFile ?? ''}`,
    ...(fault.length === 0 ? [] : [`faults      ${fault.join(', ')}`]),
    '',
    'try:',
    `  harness verify -d ${lab.deploymentFile ?? ''}`,
    `  curl --cacert ${dir}/server-ca.pem --cert ${dir}/sensor-001.pem --key ${dir}/sensor-001-key.pem --connect-to ::${lab.edge.host}:${lab.edge.port} https://api.harness.test/temps`,
  ]
  process.stdout.write(`${lines.join('\n')}\n`)
  await new Promise<void>((done) => {
    // An open timer keeps the process alive until the signal, whatever the servers do.
    const alive = setInterval(() => undefined, 60_000)
    const stop = (): void => {
      clearInterval(alive)
      done()
    }
    if (interrupt.signal.aborted) stop()
    interrupt.signal.addEventListener('abort', stop, { once: true })
  })
  await lab.close()
  interrupt.done()
  process.stdout.write('lab is down\n')
  return exitCodes.ok
}

/** Lists the faults. */
export async function labFaultsCommand({ json }: JsonOption): Promise<ExitCode> {
  if (json === true) {
    process.stdout.write(`${JSON.stringify(faults, null, 2)}\n`)
    return exitCodes.ok
  }
  const width = Math.max(...faults.map(({ id }) => id.length))
  for (const { id, sentence } of faults) process.stdout.write(`${id.padEnd(width)}  ${sentence}\n`)
  process.stdout.write(`\n${faults.length} faults. harness verify --lab --fault <id> switches one on.\n`)
  return exitCodes.ok
}
