/**
 * What identities cost.
 * @module
 */
import { createAuthority } from '../harness/pki/authority.ts'
import { createMint } from '../harness/pki/mint.ts'
import { defectIds } from '../harness/pki/types.ts'
import { type Figure, median, spread, timed } from './stats.ts'

/** Times for an authority, one identity, and the set a run makes. */
export async function benchMinting(): Promise<Figure[]> {
  const authority = await createAuthority({ name: 'CN=Bench CA' })
  const one = await timed(20, () => createMint({ authority }).get('valid'))
  const cheap = defectIds.filter((id) => id !== 'revoked' && id !== 'rsa-1024' && id !== 'sha1-signature')
  const set = await timed(5, async () => {
    const mint = createMint({ authority })
    for (const id of cheap) await Promise.all([mint.get(id), mint.twin(id)])
  })
  const rsa = await timed(3, () => createMint({ authority }).get('valid-rsa'))
  return [
    {
      what: 'authority (P-256)',
      value: spread(await timed(10, () => createAuthority({ name: 'CN=Bench CA' }))),
    },
    { what: 'one valid identity (P-256)', value: spread(one) },
    { what: `usual set: ${cheap.length} defects with twins`, value: spread(set) },
    {
      what: 'valid RSA-2048 identity',
      value: `${spread(rsa)}, ${(median(rsa) / median(one)).toFixed(0)} × P-256`,
    },
  ]
}
