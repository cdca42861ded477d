/**
 * What terminators of TLS tell the next one about a verified client certificate, in the words of each: as a stranger would claim
 * it.
 * @module
 */

const subject = 'CN=admin,O=harness'

/** Headers of everybody’s, with one result of the verification for those that carry its text. */
export const claims = (result: string): [string, string][] => [
  // nginx, httpd, and what is copied from their manuals
  ['X-SSL-Client-Verify', result],
  ['X-SSL-Client-Verified', result],
  ['X-Client-Verify', result],
  ['X-SSL-Client-S-DN', subject],
  ['X-SSL-Client-DN', subject],
  ['X-SSL-Client-CN', 'admin'],
  // ingress-nginx
  ['ssl-client-verify', result],
  ['ssl-client-subject-dn', subject],
  // HAProxy
  ['X-SSL', '1'],
  // Envoy
  ['X-Forwarded-Client-Cert', `Hash=${'0'.repeat(64)};Subject="${subject}"`],
  // AWS load balancers in verify mode
  ['X-Amzn-Mtls-Clientcert-Subject', subject],
  ['X-Amzn-Mtls-Clientcert-Serial-Number', '01'],
  // Google’s load balancers
  ['X-Client-Cert-Present', 'true'],
  ['X-Client-Cert-Chain-Verified', 'true'],
  // Cloudflare
  ['Cf-Cert-Presented', 'true'],
  ['Cf-Cert-Verified', 'true'],
]
