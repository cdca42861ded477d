/**
 * `harness lab`: the embedded lab in the foreground, and its faults.
 * @module
 */
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { type ExitCode, exitCodes, HarnessError } from '../errors.ts'
import { faults, selectFaults } from '../lab/faults.ts'
import { createLabMaterial, startLab } from '../lab/lab.ts'
import { realisticDelays as longDelays } from '../lab/state/seed.ts'
import type { JsonOption, LabUpOptions } from './commands.ts'
import { startContainers } from './containers.ts'
import { ensureFolder } from './folder.ts'
import { onInterrupt } from './interrupt.ts'
import { labUpText } from './lab-up-text.ts'

/** Runs the lab until SIGINT, then takes it down whole. */
export async function labUpCommand({
  out,
  fault = [],
  port,
  realisticDelays,
  containers: wantsContainers,
}: LabUpOptions): Promise<ExitCode> {
  selectFaults(fault)
  const dir = resolve(out)
  if (existsSync(join(dir, 'lab.json'))) {
    throw new HarnessError('ERR_USAGE', `a lab is using ${dir} (lab.json is there)`, {
      hint: 'name another folder with --out; where that lab was killed, remove the folder first',
    })
  }
  const unmake = await ensureFolder(dir, 0o700)
  try {
    return await runLab({ dir, fault, port, realisticDelays, wantsContainers })
  } finally {
    // Empty where the lab never came up.
    await unmake()
  }
}

/** A lab that was asked for. */
interface Wanted {
  dir: string
  fault: readonly string[]
  port: number | undefined
  realisticDelays: true | undefined
  wantsContainers: true | undefined
}

async function runLab({ dir, fault, port, realisticDelays, wantsContainers }: Wanted): Promise<ExitCode> {
  const interrupt = onInterrupt()
  const { signal } = interrupt
  const material = await createLabMaterial()
  const say = (line: string): void => void process.stdout.write(`${line}\n`)
  const containers =
    wantsContainers === true ? await startContainers({ material, faults: fault, signal, say }) : undefined
  const lab = await startLab({
    faults: fault,
    dir,
    parts: 'all',
    material,
    containers: containers?.origins ?? [],
    signal,
    ...(port === undefined ? {} : { port }),
    ...(realisticDelays === true ? { delays: longDelays } : {}),
  }).catch(async (error: unknown) => {
    await containers?.close()
    throw error
  })
  process.stdout.write(labUpText(lab, dir, { faults: fault, delayed: realisticDelays === true }))
  await new Promise<void>((done) => {
    // An open timer keeps the process alive until the signal, whatever the servers do.
    const alive = setInterval(() => undefined, 60_000)
    const stop = (): void => {
      clearInterval(alive)
      done()
    }
    if (signal.aborted) stop()
    signal.addEventListener('abort', stop, { once: true })
  })
  await Promise.all([lab.close(), containers?.close()])
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
