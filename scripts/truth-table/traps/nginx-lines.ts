/**
 * Lines that configurations of nginx share.
 * @module
 */
import { page } from '../../../fixtures/servers/types.ts'
import type { Place } from './trap.ts'

/** The application. */
export const answer = `default_type text/plain; return 200 "${page}\\n";`

/** … at every path. */
export const everywhere = `location / { ${answer} }`

/** Asks for certificates of a CA. */
export const ask = (how: string, { ca }: Place, file = ca): string =>
  `ssl_verify_client ${how}; ssl_client_certificate ${file};`

/** Required everywhere. */
export const good = (place: Place): string => `${ask('on', place)} ${everywhere}`

/** Turned away without a verified one. */
export const refuse = 'if ($ssl_client_verify != SUCCESS) { return 403; }'

/** Turned away without a certificate only where every condition holds. */
const refuseOnlyIf = (condition: string): string =>
  `set $closed ""; if (${condition}) { set $closed A; } if ($ssl_client_verify != SUCCESS) { set $closed "\${closed}B"; } if ($closed = AB) { return 403; }`

/** … beside the application at every path. */
export const conditional = (condition: string) => (place: Place) =>
  `${ask('optional', place)} ${refuseOnlyIf(condition)} ${everywhere}`
