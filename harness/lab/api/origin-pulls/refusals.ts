/**
 * What the API refuses with, for origin pulls. Codes and the words in the messages were seen on the real API by a third
 * party (alchemy-run/distilled); HTTP statuses other than 404 were not: 400 is our choice, because the official SDK would
 * try a 409 again.
 * @module
 */
import { ApiError } from '../errors.ts'

/** Codes 2005, 2101 and 2106 are those of custom edge certificates; whether origin pulls use them was not found. */
const refusals = {
  'certificate id required': [400, 1404, 'Certificate ID required'],
  'already exists': [400, 1406, 'This certificate already exists'],
  'unreadable certificate': [400, 1408, 'Unable to parse certificate'],
  'pending deletion': [400, 1414, 'This certificate is pending deletion'],
  'already deleted': [400, 1414, 'This certificate is already deleted'],
  'invalid certificate id': [400, 1415, 'Invalid Certificate ID'],
  'invalid hostname': [400, 1415, 'Invalid hostname: it has to be a name of this zone'],
  'invalid config': [400, 1415, 'Invalid hostnames config'],
  'in use': [400, 1433, 'This certificate is in use by a hostname'],
  'pending deployment': [400, 1434, 'This certificate is pending deployment'],
  'no hostname certificate': [404, 1551, 'Hostname certificate not found'],
  'no zone certificate': [404, 1552, 'Zone certificate not found'],
  'no association': [404, 1553, 'Client certificate setting for this hostname not found'],
  'too many certificates': [
    400,
    2005,
    'You have reached your quota for the requested resource: 10 certificates',
  ],
  'too many associations': [
    400,
    2005,
    'You have reached your quota for the requested resource: 100 hostnames',
  ],
  'no leaf': [400, 2101, 'The certificate chain you uploaded is missing leaf certificate'],
  'unreadable key': [400, 2106, 'The private key you uploaded is invalid'],
  'wrong key': [400, 2106, 'The private key you uploaded does not match the certificate'],
  'enabled must be boolean': [400, 10_001, 'Invalid request: enabled has to be true or false'],
} as const satisfies Record<string, readonly [status: number, code: number, message: string]>

/** Why something is refused. */
export type RefusalId = keyof typeof refusals

/** The error to throw. */
export function refusal(id: RefusalId): ApiError {
  const [status, code, message] = refusals[id]
  return new ApiError(status, code, message)
}
