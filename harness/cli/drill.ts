/**
 * `harness drill rollback`: in the lab, or on a real zone.
 * @module
 */
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { renderDrillHtml } from '../../reports/drill/html.ts'
import { drillText } from '../../reports/drill/text.ts'
import type { DrillResult, RemainingStep } from '../../reports/drill/types.ts'
import { asStarted } from '../../reports/started-as.ts'
import { nearest, suggestion } from '../deployment/suggest.ts'
import { exportOf, writeExport } from '../drill/export.ts'
import { orderNamed, orders } from '../drill/orders.ts'
import { type DrillOptions as RunOptions, runDrill } from '../drill/run.ts'
import type { Order } from '../drill/types.ts'
import { checkNoneUnfinished, filesOf } from '../drill/unfinished.ts'
import { type ExitCode, exitCodes, HarnessError } from '../errors.ts'
import type { DrillOptions } from './commands.ts'
import { remainingText } from './drill-text.ts'
import { ensureFolder } from './folder.ts'
import { onInterrupt } from './interrupt.ts'

/** Runs one drill, or all of them. Exit code 1: something was not as predicted; 3: interrupted, and restored. */
export async function drillRollbackCommand(options: DrillOptions): Promise<ExitCode> {
  if (options.order === 'list') return list(options.json === true)
  if (options.lab !== true && options.fault !== undefined)
    throw new HarnessError('ERR_USAGE', '--fault switches a defect of the lab on: it needs --lab')
  const chosen = ordersOf(options)
  let remaining: () => RemainingStep[] = () => []
  const interrupt = onInterrupt((code) => {
    process.stderr.write(remainingText(remaining()))
    process.exit(code)
  })
  interrupt.signal.addEventListener('abort', () =>
    process.stderr.write('interrupted: going back to the state before; Ctrl-C again ends at once\n'),
  )
  let setting: Setting | undefined
  try {
    setting = options.lab === true ? await labSetting(options) : await realSetting(options, chosen)
    await ensureFolder(options.out)
    const results: DrillResult[] = []
    for (const order of chosen) {
      if (interrupt.signal.aborted) break
      const run = await setting.optionsFor(order)
      results.push(
        await runOne(order, options, {
          ...run,
          signal: interrupt.signal,
          onReady: (way) => {
            remaining = way
          },
        }),
      )
    }
    if (options.json === true) process.stdout.write(`${JSON.stringify(results, null, 2)}\n`)
    return exitCodeOf(results, interrupt.signal.aborted)
  } finally {
    await setting?.close()
    interrupt.done()
  }
}

interface Setting {
  optionsFor(order: Order): Promise<RunOptions>
  close(): Promise<void>
}

async function labSetting({ fault = [] }: DrillOptions): Promise<Setting> {
  const { createLabMaterial } = await import('../lab/lab.ts')
  const { labDrill, startDrillLab } = await import('./drill-lab.ts')
  const drillLab = await startDrillLab({ material: await createLabMaterial(), faults: fault })
  return { optionsFor: (order) => labDrill(drillLab, order), close: () => drillLab.lab.close() }
}

async function realSetting(options: DrillOptions, [order]: readonly Order[]): Promise<Setting> {
  if (order === undefined) throw new HarnessError('ERR_USAGE', 'no order is chosen')
  const { realDrill } = await import('./drill-real.ts')
  const run = await realDrill(options, order)
  const { out, deployment = '' } = options
  await checkNoneUnfinished({ out, deployment, hostname: run.hostname })
  return { optionsFor: async () => run, close: async () => undefined }
}

async function runOne(order: Order, { out, json }: DrillOptions, run: RunOptions): Promise<DrillResult> {
  const say = (text: string): void => void (json === true || process.stdout.write(text))
  const files = filesOf(order.name)
  const exported = join(out, files.exported)
  let own = false
  let begun = false
  say(`${order.name}: ${order.title}\n`)
  const result = await runDrill({
    ...run,
    onExport: async (state) => {
      await writeExport(exported, exportOf(run, state))
      own = true
      say(`  state before: ${exported}\n`)
    },
    onStep: () => {
      begun = true
    },
    onStepDone: ({ does, confirmed, problem, propagationMs, predicts }) =>
      say(
        `  ${confirmed ? 'ok' : 'NO'}  ${does}${propagationMs === null ? '' : ` (seen after ${propagationMs} ms)`}${
          predicts === null ? '' : `\n      predicted: ${predicts}`
        }${problem === null ? '' : `\n      ${problem}`}\n`,
      ),
  }).catch(async (error: unknown) => {
    // Nothing has been changed: an export would stand in the way of the next drill for nothing.
    if (own && !begun) await rm(exported, { force: true })
    throw error
  })
  const data = join(out, files.result)
  const page = join(out, files.page)
  await writeFile(data, `${JSON.stringify(result, null, 2)}\n`)
  await writeFile(page, asStarted(renderDrillHtml(result)))
  say(`${drillText(result)}  ${page}\n\n`)
  if (result.outcome === 'not-restored') process.stderr.write(remainingText(result.remaining))
  return result
}

function exitCodeOf(results: readonly DrillResult[], interrupted: boolean): ExitCode {
  const worst = results.filter(({ outcome }) => outcome !== 'as-predicted')
  if (worst.some(({ outcome }) => outcome === 'not-restored')) return exitCodes.findings
  if (interrupted) return exitCodes.notVerified
  return worst.length === 0 ? exitCodes.ok : exitCodes.findings
}

function ordersOf({ order: wanted, lab }: DrillOptions): readonly Order[] {
  if (wanted === 'all' && lab === true) return orders
  const found = orderNamed(wanted)
  if (found !== undefined) return [found]
  const near = nearest(
    wanted,
    orders.map(({ name }) => name),
  )
  throw new HarnessError(
    'ERR_USAGE',
    `there is no order “${wanted}”${wanted === 'all' ? ' on a real zone' : ''}`,
    {
      hint: wanted === 'all' ? 'name one' : suggestion(near, '--order list names them'),
    },
  )
}

function list(json: boolean): ExitCode {
  if (json) {
    const all = orders.map(({ name, title, wrong, kind }) => ({ name, title, wrong, kind }))
    process.stdout.write(`${JSON.stringify(all, null, 2)}\n`)
    return exitCodes.ok
  }
  const width = Math.max(...orders.map(({ name }) => name.length))
  for (const { name, title } of orders) process.stdout.write(`${name.padEnd(width)}  ${title}\n`)
  return exitCodes.ok
}
