/**
 * `logout`, at the application or the team domain: clears the cookie there and ends the user's sessions everywhere
 * (developers.cloudflare.com cloudflare-one, "Session management").
 * @module
 */
import type { AccountState } from '../state/types.ts'
import { type Answer, message } from './answers.ts'
import type { AccessContext } from './context.ts'
import { revokeUser } from './revocation.ts'

/** @param userId undefined: nobody is logged in, which is no error. @param cookies that clear. */
export function logout(
  account: AccountState,
  userId: string | undefined,
  cookies: readonly string[],
  { store }: AccessContext,
): Answer {
  if (userId !== undefined) revokeUser(account, userId, store)
  return message(
    200,
    'Signed out',
    'You are signed out of all applications.',
    cookies.map((cookie) => ['set-cookie', cookie] as const),
  )
}
