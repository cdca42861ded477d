/**
 * A control plane for tests of its Access part.
 * @module
 */
import type { AccessApiFaultId } from '../../../faults/access-api.ts'
import { startTestApi, type TestApi, type TestApiOptions } from '../../testing/start.ts'
import { ids } from '../../testing/state.ts'

/** The account, for calls of the SDK. */
export const account = { account_id: ids.account }

/** Its zone, for calls of the SDK. */
export const zone = { zone_id: ids.zone }

/** Starts one, with faults of this part only. */
export const startAccessApi = (
  options: Omit<TestApiOptions, 'faults'> & { faults?: readonly AccessApiFaultId[] } = {},
): Promise<TestApi> => startTestApi(options)

/** Everything an auto-paging list gives. */
export async function all<Item>(list: AsyncIterable<Item>): Promise<Item[]> {
  const items: Item[] = []
  for await (const item of list) items.push(item)
  return items
}
