/**
 * Users with a good certificate: every answer but 200 is unexpected unless LOAD_EXPECT_STATUS says otherwise.
 * Settings: settings.ts.
 * @module
 */
import { ask, needed, optionsFor, setting } from './settings.ts'

if (setting('LOAD_EXPECT_STATUS') === undefined) __ENV.LOAD_EXPECT_STATUS = '200'
needed('LOAD_URL')

export const options = optionsFor('attempt')

/** One user. */
export function attempt(): void {
  ask()
}
