/**
 * Refusals of the Access API. Codes and texts are those seen in answers of the real one (third parties, Terraform
 * provider tests); `behaviours/access-api.ts` says which are not.
 * @module
 */
import { ApiError } from '../errors.ts'

/** A request that cannot be carried out as it is: HTTP 400. @param reason without anything secret. */
export const invalid = (reason: string): ApiError =>
  new ApiError(400, 12130, `access.api.error.invalid_request: ${reason}`)

/** Something the lab does not have; refused rather than ignored. */
export const unsupported = (what: string): ApiError => invalid(`${what} is not supported by this lab`)

/** A state that stands in the way: HTTP 409, which the official SDK tries again by itself. */
export const conflict = (reason: string): ApiError =>
  new ApiError(409, 12132, `access.api.error.conflict: ${reason}`)

/** An unknown certificate, service token, identity provider or policy. */
export const notFound = (): ApiError => new ApiError(404, 12135, 'access.api.error.not_found')

/** An unknown group. */
export const unknownGroup = (): ApiError => new ApiError(404, 12152, 'access.api.error.not_found')

/** An unknown application. */
export const unknownApplication = (): ApiError =>
  new ApiError(404, 11021, 'access.api.error.unknown_application')

/** Another application has the same domain. */
export const applicationExists = (): ApiError =>
  new ApiError(409, 11010, 'access.api.error.application_already_exists')

/** The account has an organization. */
export const organizationExists = (): ApiError =>
  new ApiError(409, 11002, 'access.api.error.organization_already_exists')

/** A service token that a policy or group names cannot be deleted. */
export const tokenInUse = (): ApiError =>
  new ApiError(
    400,
    12139,
    'access.api.error.service_token_in_use: cannot delete service token because it is used by a policy, group, or app SCIM configuration.',
  )
