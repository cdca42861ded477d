/**
 * Countries of the lab: it listens on loopback only, where every address of 127.0.0.0/8 may be a client's
 * (`curl --interface 127.49.0.1`). Our choice: the second byte is the country.
 * @module
 */

const bySecondByte: Readonly<Record<string, string>> = {
  '0': 'US',
  '33': 'FR',
  '44': 'GB',
  '49': 'DE',
  '7': 'RU',
  '81': 'JP',
}

/** ISO 3166 code of an address; `XX`, which the real edge says too where it does not know, for others. */
export function countryOf(address: string): string {
  if (address === '::1') return 'US'
  const [first, second = ''] = address.replace(/^::ffff:/i, '').split('.')
  return (first === '127' && Object.hasOwn(bySecondByte, second) ? bySecondByte[second] : undefined) ?? 'XX'
}
