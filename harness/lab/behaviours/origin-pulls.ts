/**
 * What origin pulls and the way to the origin rest on.
 * @module
 */
import type { Behaviour } from './behaviour.ts'

const docs = (path: string): string => `developers.cloudflare.com ${path}`
const pulls = (path: string): string => docs(`ssl/origin-configuration/authenticated-origin-pull/${path}`)
const error = (status: number): string =>
  docs(`support/troubleshooting/http-status-codes/cloudflare-5xx-errors/error-${status}`)
const sdk = (what: string): string => `cloudflare-typescript 7.3.0, ${what}`
const seen = (what: string): string => `seen on the real API by alchemy-run/distilled: ${what}`
const chosen = (what: string): string => `${what}: not found`

/** The behaviours of this part that a user could mistake for facts about the real edge. */
export const originPullBehaviours: readonly Behaviour[] = [
  {
    what: 'Origin pulls: the hostname’s certificate is presented before the zone’s, the zone’s before the shared one.',
    standing: 'official',
    source: pulls(''),
    point: 5,
    test: 'the levels switched one by one: the origin sees the certificate that is due',
  },
  {
    what: 'Origin pulls: the three levels are independent, and none needs another one switched on.',
    standing: 'official',
    source: `${pulls('')}; stored versions before 2026-04 ask for the global switch as well`,
    point: 5,
    test: 'the levels switched one by one: the origin sees the certificate that is due',
  },
  {
    what: 'Origin pulls: `enabled: false` on a hostname presents nothing, even if the zone level is on.',
    standing: 'official',
    source: sdk('origin-tls-client-auth/hostnames.ts'),
    point: 5,
    test: 'the levels switched one by one: the origin sees the certificate that is due',
  },
  {
    what: 'Origin pulls: `enabled: null` removes the association.',
    standing: 'official',
    source: sdk('origin-tls-client-auth/hostnames.ts: voids the association'),
    point: 5,
    test: 'null removes the association: 1553',
  },
  {
    what: 'Origin pulls: without an association the zone level applies, else the global one; a removal holds at once.',
    standing: 'our choice',
    source: chosen('what a voided association falls back to, and when'),
  },
  {
    what: 'Origin pulls: nothing is presented in SSL mode off or flexible, where the origin is reached by plain HTTP.',
    standing: 'official',
    source: pulls(''),
    point: 5,
    test: 'nothing is presented unless the mode is full or strict',
  },
  {
    what: 'Origin pulls: an expired certificate is presented until it is deleted.',
    standing: 'our choice',
    source: `implied by ${pulls('set-up/manage-certificates')}: expired ones are not deleted and the origin drops the request`,
    point: 5,
    test: 'an expired certificate is presented, and the origin refuses it',
  },
  {
    what: 'Origin pulls: of several active zone certificates the one deployed last is presented.',
    standing: 'official',
    source: pulls('set-up/manage-certificates'),
  },
  {
    what: 'Origin pulls: the zone level without an active certificate says nothing, so the global level decides.',
    standing: 'our choice',
    source: chosen('what is presented then'),
  },
  {
    what: 'Origin pulls: certificates uploaded behind the leaf are sent with it.',
    standing: 'our choice',
    source: chosen('whether the leaf only or a chain is sent'),
  },
  {
    what: 'Origin pulls: an upload is pending_deployment, then active; only active is presented.',
    standing: 'third-party',
    source: `${seen('the states')}; cloudflare/terraform-provider-cloudflare v4 polls for active`,
    point: 6,
    test: 'a certificate that is deployed later is presented from that moment',
  },
  {
    what: 'Origin pulls: a certificate that is pending deployment cannot be deleted (1434).',
    standing: 'third-party',
    source: seen('error matchers'),
    point: 6,
    test: 'an upload is pending before it is active, and cannot be deleted meanwhile: 1434',
  },
  {
    what: 'Origin pulls: a deleted certificate stays readable by its id; a second DELETE meanwhile is 1414.',
    standing: 'third-party',
    source: seen('tombstones'),
    point: 6,
    test: 'a deletion leaves a tombstone that is read by its id; a second one meanwhile: 1414',
  },
  {
    what: 'Origin pulls: the same PEM is refused (1406) while it is there or going, and comes back under its id after that.',
    standing: 'third-party',
    source: seen('resurrection'),
    point: 6,
    test: 'the same PEM: 1406 while it is there or going, then back under the id it had',
  },
  {
    what: 'Origin pulls: what is missing is 404 with 1551 (hostname certificate), 1552 (zone certificate), 1553 (association).',
    standing: 'third-party',
    source: seen('error matchers'),
    point: 6,
    test: 'the SDK sees the refusals as its own errors',
  },
  {
    what: 'Origin pulls: lists leave deleted certificates out, and show those that are going.',
    standing: 'our choice',
    source: chosen('whether lists hold tombstones'),
  },
  {
    what: 'Origin pulls: what is being deleted is not presented any more; a replaced association holds until the new one is deployed.',
    standing: 'our choice',
    source: chosen('what is presented while a change is on its way'),
  },
  {
    what: 'Origin pulls: the states with `timed_out` never come by themselves.',
    standing: 'our choice',
    source: chosen('when the real API gives up'),
  },
  {
    what: 'Origin pulls: a certificate named by an association cannot be deleted (1433), whether the association is on or off.',
    standing: 'third-party',
    source: `${seen('error matchers')}; ${sdk('hostname-certificates.ts: invalidate with null first')}; the rollback page says false`,
    point: 7,
    test: 'rollback with false, then DELETE: 1433; with null, then DELETE: done',
  },
  {
    what: 'Origin pulls: PUT hostnames answers an array of what it names and leaves the others; GET of one is an object.',
    standing: 'official',
    source: sdk('origin-tls-client-auth/hostnames.ts'),
    point: 8,
    test: 'PUT answers an array, GET of one hostname an object',
  },
  {
    what: 'Origin pulls: private_key is never returned, though the schema has it; bundle_method is taken and ignored.',
    standing: 'official',
    source: `cloudflare/terraform-provider-cloudflare; ${pulls('set-up/per-hostname')}`,
    point: 8,
    test: 'private_key is never returned, and bundle_method is taken',
  },
  {
    what: 'Origin pulls: refusals other than 1551 to 1553 have status 400.',
    standing: 'our choice',
    source: chosen('their HTTP statuses; the SDK would try a 409 again'),
  },
  {
    what: 'Origin pulls: writes at the same time never conflict (the real API has a 409 for zone certificates).',
    standing: 'our choice',
    source: 'writes of the lab are atomic',
  },
  {
    what: 'Origin pulls: a CA is refused with `missing leaf certificate`.',
    standing: 'official',
    source: pulls('set-up/per-hostname'),
  },
  {
    what: 'Origin pulls: codes 2101 (no leaf), 2106 (private key), 2005 (limits: 10 certificates per zone, 100 hostnames per certificate).',
    standing: 'our choice',
    source: `borrowed from ${docs('ssl/edge-certificates/custom-certificates/troubleshooting')}; the limits are official`,
  },
  {
    what: 'Origin pulls: PUT hostnames without `enabled`, with an empty list, a wildcard, or a name outside the zone is refused (1415).',
    standing: 'our choice',
    source: chosen('what the real API makes of them'),
  },
  {
    what: 'Origin pulls: an expired certificate can be uploaded.',
    standing: 'our choice',
    source: chosen('whether the real API takes it'),
  },
  {
    what: 'Origin pulls: a certificate whose key does not fit (it can only have been imported) is not presented.',
    standing: 'our choice',
    source: 'the API refuses it',
  },
  {
    what: 'Origin: mode full takes any certificate of the origin; strict wants a trusted chain, dates and the hostname, else 526.',
    standing: 'official',
    source: error(526),
  },
  {
    what: 'Origin: strict trusts the lab’s own origin CA and no public one.',
    standing: 'our choice',
    source: 'stands for the Custom Origin Trust Store',
  },
  {
    what: 'Origin: the edge really connects; a failed handshake is 525.',
    standing: 'official',
    source: error(525),
    point: 9,
    test: 'a refusal in the handshake is 525 in TLS 1.2 and 520 in TLS 1.3, one by HTTP is the origin’s own 400',
  },
  {
    what: 'Origin: a certificate refused in TLS 1.3 breaks the connection after the edge’s handshake is done: 520.',
    standing: 'our choice',
    source: `inferred; ${error(520)} names origin pulls among its causes`,
    point: 9,
    test: 'a refusal in the handshake is 525 in TLS 1.2 and 520 in TLS 1.3, one by HTTP is the origin’s own 400',
  },
  {
    what: 'Origin: its own HTTP answers pass through, nginx’s 400 about a certificate too.',
    standing: 'third-party',
    source: 'typisttech/trellis-cloudflare-origin-ca issue 34',
    point: 9,
    test: 'the origin’s own 400 reaches the visitor as it is',
  },
  {
    what: 'Origin: an empty, malformed or broken-off answer is 520, so are headers of more than 128 KiB.',
    standing: 'official',
    source: error(520),
  },
  { what: 'Origin: a refused connection is 521.', standing: 'official', source: error(521) },
  {
    what: 'Origin: no TCP connection in time is 522; the lab waits 5 s, the real edge 19 s.',
    standing: 'official',
    source: error(522),
  },
  {
    what: 'Origin: no route is 523.',
    standing: 'official',
    source: error(523),
  },
  {
    what: 'Origin: no answer in time is 524; the lab waits 10 s, the real edge 120 s.',
    standing: 'official',
    source: error(524),
  },
  {
    what: 'Origin: a handshake that takes too long is 525.',
    standing: 'our choice',
    source: chosen('which error it is'),
  },
  {
    what: 'Origin: the edge’s own error page carries cf-error-type and cf-error-origin.',
    standing: 'official',
    source: `${docs('support/troubleshooting/http-status-codes/cloudflare-error-headers')}; the value of the second is our choice`,
  },
  {
    what: 'Origin: the edge’s own error page is one line of text.',
    standing: 'our choice',
    source: 'the real one is a page for browsers',
  },
  {
    what: 'Origin: connections are kept per hostname and certificate, and never used after a change of either or of the mode.',
    standing: 'our choice',
    source: chosen('how the real edge keeps connections to origins'),
  },
]
