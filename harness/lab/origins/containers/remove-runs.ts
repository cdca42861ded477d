/**
 * `node remove-runs.ts <run id>…`: removes what these runs left in the container engine.
 * @module
 */
import { removeRun } from './runs.ts'

await Promise.all(process.argv.slice(2).map(removeRun))
