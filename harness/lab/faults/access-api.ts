/**
 * Faults of the Access control plane: calls that are answered well and do something else.
 * @module
 */
import type { Fault } from './fault.ts'

/** What operators would find out too late. */
export const accessApiFaults = [
  {
    id: 'access-api.rotate-keeps-old-secret',
    sentence: 'Rotating a service token without grace leaves the old secret valid for ever.',
    source: 'catalogue SVC-18; Cloudflare documentation, service tokens: omitting the time revokes at once',
  },
  {
    id: 'access-api.rotate-ignores-grace',
    sentence: 'Rotating a service token with a grace period ends the old secret at once.',
    source: 'catalogue SVC-18; Cloudflare documentation, service tokens: both secrets work during the period',
  },
  {
    id: 'access-api.delete-leaves-token',
    sentence: 'Deleting a service token is answered with success, and the token goes on working.',
    source: 'catalogue SVC-17; Cloudflare documentation, service tokens: only deletion revokes',
  },
  {
    id: 'access-api.disable-ignored',
    sentence: 'Disabling a service token is answered with success, and the token goes on working.',
    source: 'catalogue SVC-15; Cloudflare documentation, service tokens',
  },
  {
    id: 'access-api.secret-readable',
    sentence: 'The secret of a service token can be read again with GET.',
    source: 'Cloudflare SDK, service tokens: create and rotate are the only time it is shown',
  },
  {
    id: 'access-api.idp-secret-echoed',
    sentence: 'The client secret of an identity provider comes back with every answer about it.',
    source: 'recorded answers of the real API do not echo it (third party)',
  },
  {
    id: 'access-api.app-update-drops-policies',
    sentence: 'Updating an application without naming its policies removes them all.',
    source: 'Cloudflare documentation, service tokens: a PUT should contain all fields, or it overwrites',
  },
  {
    id: 'access-api.precedence-ignored',
    sentence: 'Policies of an application are kept in the order of the request, whatever their precedence.',
    source: 'Cloudflare SDK, policies: precedence is the order of execution',
  },
  {
    id: 'access-api.revoke-ignored',
    sentence:
      'Revoking the tokens of an application or a user is answered with success, and they stay valid.',
    source: 'catalogue JWT section; Cloudflare documentation, session management',
  },
  {
    id: 'access-api.strict-not-kept',
    sentence: 'Switching on strict service token authentication is answered with success and not stored.',
    source: 'catalogue CPA-08; Cloudflare documentation, service tokens',
  },
  {
    id: 'access-api.ca-deleted-while-attached',
    sentence: 'A client CA of Access can be deleted while hostnames are attached to it.',
    source: 'Terraform provider tests: certificate has active associations',
  },
  {
    id: 'access-api.rotation-drops-previous-key',
    sentence:
      'After a rotation of the signing key the previous one is gone: tokens signed with it fail at once.',
    source: 'Cloudflare documentation, validating tokens: the previous key stays valid for seven days',
  },
] as const satisfies readonly Fault[]

/** Id of one of them. */
export type AccessApiFaultId = (typeof accessApiFaults)[number]['id']
