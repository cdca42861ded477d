/**
 * What the API says no with.
 * @module
 */
import Cloudflare from 'cloudflare'

/** `status code` of the refusal of a call, or `accepted`. @throws whatever is no answer of the API. */
export async function refusalOf(call: PromiseLike<unknown>): Promise<string> {
  try {
    await call
    return 'accepted'
  } catch (error) {
    if (!(error instanceof Cloudflare.APIError) || error.status === undefined) throw error
    return `${error.status} ${error.errors[0]?.code ?? 'no code'}`
  }
}

/** The id of what was made. @throws Error where the API gave none. */
export function idOf({ id }: { id?: string | undefined }): string {
  if (id === undefined || id === '') throw new Error('the API gave no id')
  return id
}
