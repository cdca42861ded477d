/**
 * The people of the lab's identity provider.
 * @module
 */
import { createHash, randomBytes, randomUUID, timingSafeEqual } from 'node:crypto'

/** Somebody who can log in. */
export interface IdpUser {
  /** Typed into the form. */
  username: string
  /** Random per start. */
  password: string
  /** Subject of the ID tokens, UUID. */
  sub: string
  name: string
  /** Undefined: the ID token has no e-mail address. */
  email: string | undefined
  groups: readonly string[]
}

const people = [
  { username: 'alice', name: 'Alice Example', email: 'alice@harness.test', groups: ['engineering'] },
  { username: 'bob', name: 'Bob Example', email: 'bob@harness.test', groups: ['sales'] },
  { username: 'mallory', name: 'Mallory Example', email: undefined, groups: ['engineering'] },
] as const

/** `alice` in engineering, `bob` in sales, and `mallory`, whose account has no e-mail address. */
export const createUsers = (): IdpUser[] =>
  people.map((person) => ({
    ...person,
    sub: randomUUID(),
    password: randomBytes(12).toString('base64url'),
  }))

/** The user a pair names and proves. */
export function whoIs(users: readonly IdpUser[], username: string, password: string): IdpUser | undefined {
  const user = users.find((one) => one.username === username)
  const good = timingSafeEqual(digest(password), digest(user?.password ?? ''))
  return good && user !== undefined && password !== '' ? user : undefined
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest()

/** What ID tokens and userinfo say of a user; oidc-provider keeps what the granted scopes allow. */
export const claimsOf = ({ sub, username, name, email, groups }: IdpUser) => ({
  sub,
  name,
  preferred_username: username,
  groups: [...groups],
  ...(email === undefined ? {} : { email, email_verified: true }),
})
