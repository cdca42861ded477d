/**
 * One row per defect: what is wrong with the certificate, why it matters, where it is written down.
 * The check is the same for all: turned away, while a twin without the defect is let in.
 * @module
 */
import type { Kind, Profile } from '../../fixtures/catalogue.ts'
import type { DefectId } from '../../harness/pki/types.ts'
import type { Severity } from '../../reports/types.ts'
import { verifyChain } from '../remedies.ts'

/** A defect as the catalogue states it. */
export interface DefectRow {
  /** Id behind `client-cert.`. */
  id: string
  defect: DefectId
  title: string
  severity: Severity
  kind?: Kind
  profile: Profile
  why: string
  sends: string
  grounds: string[]
  /** Faults beyond `edge.accepts-<defect>`. */
  alsoKilledBy?: string[]
  /** Why it is no flaw where it is let in. */
  letIn?: string
  /** Replaces the shared remediation. */
  remediation?: string
}

/** Errors about the chain that were forgiven one by one. */
const forgivesNothing = `${verifyChain}

Forgive no error about the chain; make the chain complete instead (the missing intermediate behind the client’s leaf, or in the file with the trusted CAs):

HAProxy:
  bind :443 ssl crt site.pem ca-file client-ca.pem verify required
  # without ca-ignore-err and crt-ignore-err

Node: \`socket.authorized\`; \`authorizationError\` is for the log, no code of it may be let through`

/** The rows, by what is wrong: who signed it, when, what for, how. */
export const defectRows: readonly DefectRow[] = [
  {
    id: 'self-signed',
    defect: 'self-signed',
    title: 'a self-signed certificate is turned away',
    severity: 'critical',
    profile: 'quick',
    why: 'Anybody makes one in a second. It gets in where a server tests only that some certificate is there (optional_no_ca, “request” without “verify”).',
    sends: 'A certificate signed by its own key, with the subject of a valid one.',
    grounds: [
      'RFC 5280 §6.1',
      'cloudflare-docs client-certificates/troubleshooting (FAILED:self signed certificate)',
      'catalogue CRT-03',
    ],
  },
  {
    id: 'unknown-ca',
    defect: 'unknown-ca',
    title: 'a certificate of an unknown CA is turned away',
    severity: 'critical',
    profile: 'quick',
    why: 'Everybody’s own CA would be as good as yours. Seen where the trust store did not load and the server fell back to something wider, or to no check.',
    sends: 'A leaf of a CA made for this run, whose name the server has never heard.',
    grounds: ['RFC 5280 §6.1', 'catalogue CRT-04'],
  },
  {
    id: 'unknown-ca-with-root',
    defect: 'unknown-ca-with-root',
    title: 'an unknown CA is turned away that sends its own root',
    severity: 'critical',
    profile: 'quick',
    why: 'Who brings the whole chain leaves one thing only to be found: that its end is not trusted (OpenSSL error 19, “self-signed certificate in certificate chain”). A server that forgives this one error, because certificates of its own company once came with such a chain, lets in everybody with a CA of their own. A leaf alone gets other errors, and is refused there.',
    sends:
      'A leaf of a CA made for this run, together with the root of that CA, whose name the server has never heard.',
    grounds: [
      'RFC 5280 §6.1.1 (d) (trust anchors are the verifier’s)',
      'measured: HAProxy 2.6 with ca-ignore-err 19, Node 24 with SELF_SIGNED_CERT_IN_CHAIN tolerated',
      'catalogue CRT-04',
    ],
    remediation: forgivesNothing,
  },
  {
    id: 'unknown-ca-with-intermediate',
    defect: 'unknown-ca-with-intermediate',
    title: 'an unknown CA is turned away that sends its own intermediate',
    severity: 'critical',
    profile: 'quick',
    why: 'With the intermediate there the leaf’s own signature can be verified, and it is good; only the issuer of the intermediate is not found (OpenSSL error 20, at depth 1). A server that forgives this, because some clients once did not send all of their chain, lets in everybody with a CA of their own.',
    sends: 'A leaf and the intermediate that issued it, below a CA made for this run that is not sent.',
    grounds: [
      'RFC 5280 §6.1',
      'measured: HAProxy 2.6 with ca-ignore-err 20, Node 24 with UNABLE_TO_GET_ISSUER_CERT_LOCALLY tolerated',
      'catalogue CRT-04',
    ],
    remediation: forgivesNothing,
  },
  {
    id: 'impostor-ca',
    defect: 'impostor-ca',
    title: 'a CA with your CA’s name and key identifier, but another key, is not your CA',
    severity: 'critical',
    profile: 'quick',
    why: 'The name of your CA is public: the server itself sends it in the CertificateRequest, and every client certificate carries it. A rule that compares the issuer’s name or key identifier (issuer DN in a WAF rule, a Worker or an application) accepts what this CA signs. The signature is the only part that cannot be copied, and this check is the only one that tests nothing else: subject, key identifiers, dates and usages are those of a good certificate.',
    sends:
      'A leaf signed by a CA made for this run, with the subject DN of your CA copied byte by byte and its subject key identifier copied too, so that path building finds your CA as the issuer and only the signature tells.',
    grounds: ['RFC 5280 §6.1.3 (a)(1)', 'x509-limbo rfc5280::chain-untrusted-root', 'catalogue CRT-05'],
  },
  {
    id: 'impostor-ca-other-ski',
    defect: 'impostor-ca-other-ski',
    title: 'a CA with your CA’s name and another key identifier is not your CA',
    severity: 'critical',
    profile: 'quick',
    why: 'nginx and httpd with optional_no_ca refuse an impostor with your CA’s name and key identifier (the signature is bad), and let one through that has the name and another identifier (the issuer is merely “not found”). One impostor is not enough to know.',
    sends: 'A leaf of a CA with the subject DN of your CA, another key and another subject key identifier.',
    grounds: [
      'RFC 5280 §4.2.1.1',
      'measured: nginx 1.22 and httpd 2.4.71 with optional_no_ca',
      'catalogue CRT-05',
    ],
  },
  {
    id: 'impostor-ca-with-root',
    defect: 'impostor-ca-with-root',
    title: 'a root sent by the client does not become trusted by its name',
    severity: 'critical',
    profile: 'default',
    why: 'Path building that completes the chain from what the client sent, and then compares only the name of its end, trusts whoever brings a root of that name.',
    sends: 'The impostor’s leaf together with the impostor’s self-signed root.',
    grounds: [
      'RFC 5280 §6.1.1 (d) (trust anchors are the verifier’s)',
      'x509-limbo invalid::invalid-issuer-key',
      'catalogue CRT-05',
    ],
  },
  {
    id: 'expired-years',
    defect: 'expired-years',
    title: 'a certificate that expired years ago is turned away',
    severity: 'critical',
    profile: 'quick',
    why: 'Certificates outlive devices, contracts and employees. Some clouds offer a switch to ignore the date of client certificates, and some deployments have it on.',
    sends: 'A valid certificate in everything but its notAfter, three years ago.',
    grounds: ['RFC 5280 §4.1.2.5', 'AWS: ignoreClientCertificateExpiry', 'catalogue CRT-06'],
  },
  {
    id: 'expired-day',
    defect: 'expired-day',
    title: 'a certificate that expired yesterday is turned away',
    severity: 'critical',
    profile: 'quick',
    why: 'A grace period nobody declared: the certificate of the day before is the one that is still on the device that was sold.',
    sends: 'A valid certificate in everything but its notAfter, one day ago.',
    grounds: ['RFC 5280 §4.1.2.5', 'catalogue CRT-06'],
  },
  {
    id: 'expired-second',
    defect: 'expired-second',
    title: 'a certificate that has just expired is turned away',
    severity: 'low',
    kind: 'should',
    profile: 'default',
    why: 'Shows the tolerance of the date check. A small one may be a clock that is behind; a large one is a policy nobody wrote down.',
    sends: 'A valid certificate in everything but its notAfter, one second before it was minted.',
    grounds: ['RFC 5280 §4.1.2.5', 'catalogue CRT-06 (clock skew)'],
    remediation:
      'Synchronise the clock of the server (chronyd, systemd-timesyncd) before you suspect the check.',
  },
  {
    id: 'not-yet-valid',
    defect: 'not-yet-valid',
    title: 'a certificate that is not yet valid is turned away',
    severity: 'high',
    profile: 'default',
    why: 'Certificates are issued ahead for a contract or a device that starts later. A verifier that tests only the end of validity lets them in early.',
    sends: 'A valid certificate in everything but its notBefore, tomorrow.',
    grounds: ['RFC 5280 §4.1.2.5', 'x509-limbo validity::not-yet-valid', 'catalogue CRT-07'],
  },
  {
    id: 'intermediate-expired',
    defect: 'intermediate-expired',
    title: 'a certificate under an expired intermediate is turned away',
    severity: 'high',
    profile: 'default',
    why: 'The date of every certificate on the path counts. Own verification code tends to test the leaf only.',
    sends: 'A leaf in date, issued by an intermediate that expired yesterday, both sent.',
    grounds: ['RFC 5280 §6.1.3 (a)(2)', 'x509-limbo expired-intermediate', 'catalogue CRT-08'],
  },
  {
    id: 'server-auth-only',
    defect: 'server-auth-only',
    title: 'a certificate for servers is not a client certificate',
    severity: 'high',
    profile: 'default',
    why: 'A private CA that signs servers and clients turns every web server’s key into a client identity, unless the extended key usage is tested.',
    sends: 'A valid certificate in everything but its extended key usage: serverAuth only.',
    grounds: ['RFC 5280 §4.2.1.12', 'CVE-2022-21657 (Envoy)', 'catalogue CRT-10'],
    remediation:
      'Test for clientAuth. OpenSSL based servers do when they verify with the sslclient purpose (nginx, httpd, HAProxy do by default); GnuTLS’ example server does not. Better still: issue client certificates from a CA of their own.',
  },
  {
    id: 'code-signing-only',
    defect: 'code-signing-only',
    title: 'a certificate for code signing is not a client certificate',
    severity: 'high',
    profile: 'default',
    why: 'The same hole as with server certificates, for verifiers that only exclude serverAuth instead of requiring clientAuth.',
    sends: 'A valid certificate in everything but its extended key usage: codeSigning only.',
    grounds: ['RFC 5280 §4.2.1.12', 'catalogue CRT-10'],
    remediation: 'Require clientAuth (or no extended key usage at all); do not merely exclude serverAuth.',
  },
  {
    id: 'ca-as-leaf',
    defect: 'ca-as-leaf',
    title: 'a CA certificate is not a client certificate',
    severity: 'low',
    kind: 'observe',
    profile: 'default',
    why: 'A subordinate CA’s key is meant to sign, not to log in. RFC 5280 allows a CA at the end of a path, and OpenSSL lets it in: so do nginx, HAProxy and httpd as they come. It opens little: whoever holds that key can issue a certificate for itself. Worth a rule only where certificates name devices, and where the CA hands subordinate CAs to others.',
    sends: 'A subordinate CA’s certificate (CA:TRUE) used as the client’s own.',
    grounds: ['RFC 5280 §4.2.1.9', 'x509-limbo ca-as-leaf', 'catalogue CRT-13'],
    letIn:
      'RFC 5280 allows it and OpenSSL does so; it opens nothing that the holder of a CA’s key could not open with a certificate issued to itself',
    remediation: `No flaw of the server: certificates are verified as the standard has it. To refuse CA:TRUE all the same, where certificates name devices:

httpd:
  Require not expr "'CA:TRUE' in PeerExtList('2.5.29.19')"      (in a <RequireAll>; "-in" is for lists of words)

nginx, HAProxy, Caddy and Node have no word for it (Node’s X509Certificate.ca is false without keyCertSign): the application reads the extension. Best of all, the CA issues subordinate CAs to nobody (pathlen:0).

Cloudflare edge: no field tells; pin \`cert_issuer_ski\` to the CA that issues leaves only.`,
  },
  {
    id: 'leaf-as-ca',
    defect: 'leaf-as-ca',
    title: 'a client certificate cannot issue another one',
    severity: 'critical',
    profile: 'quick',
    why: 'Where basicConstraints are not tested, every client is a CA: it signs itself any name it likes. Any single issued certificate is enough for a full impersonation.',
    sends: 'A leaf signed with the key of a valid client certificate, followed by that certificate.',
    grounds: [
      'RFC 5280 §6.1.4 (k)',
      'CVE-2021-3450 (OpenSSL)',
      'CVE-2015-1793 (OpenSSL)',
      'catalogue CRT-14',
    ],
  },
  {
    id: 'intermediate-without-basic-constraints',
    defect: 'intermediate-without-basic-constraints',
    title: 'an intermediate without basicConstraints is not a CA',
    severity: 'high',
    profile: 'default',
    why: 'Version 3 certificates that do not say CA:TRUE are not CAs. Lenient verifiers treat “says nothing” as “may”.',
    sends: 'A leaf under an intermediate whose basicConstraints extension is missing.',
    grounds: [
      'RFC 5280 §4.2.1.9',
      'x509-limbo intermediate-ca-missing-basic-constraints',
      'catalogue CRT-15',
    ],
  },
  {
    id: 'intermediate-without-key-cert-sign',
    defect: 'intermediate-without-key-cert-sign',
    title: 'an intermediate that may not sign certificates is not a CA',
    severity: 'medium',
    profile: 'default',
    why: 'The key usage says what a key was handed out for. A CA key that may only sign CRLs must not create identities.',
    sends: 'A leaf under an intermediate whose key usage lacks keyCertSign.',
    grounds: ['RFC 5280 §4.2.1.3', 'RFC 5280 §6.1.4 (n)', 'catalogue CRT-16'],
  },
  {
    id: 'path-length-exceeded',
    defect: 'path-length-exceeded',
    title: 'a path longer than its CA allows is turned away',
    severity: 'high',
    profile: 'default',
    why: 'pathLenConstraint is how an organisation stops a subordinate CA from making CAs of its own.',
    sends: 'A leaf under two intermediates, the first of which has pathLen 0.',
    grounds: ['RFC 5280 §4.2.1.9', 'RFC 5280 §6.1.4 (l)', 'catalogue CRT-17'],
  },
  {
    id: 'name-constraint-broken',
    defect: 'name-constraint-broken',
    title: 'a name outside its CA’s constraints is turned away',
    severity: 'high',
    profile: 'default',
    why: 'A department’s or a partner’s CA is constrained to its own names. Where that is not tested it can name any device of yours.',
    sends: 'A leaf whose DNS name lies outside the permitted subtree of its intermediate.',
    grounds: ['RFC 5280 §4.2.1.10', 'CVE-2025-61727 (Go)', 'catalogue CRT-18'],
  },
  {
    id: 'intermediate-missing',
    defect: 'intermediate-missing',
    title: 'a certificate whose issuer is unknown and not sent is turned away',
    severity: 'medium',
    profile: 'default',
    why: 'The path to your CA cannot be built. A server that lets it in has not verified it, or has fetched the issuer from an address in the certificate, which is a hole of its own.',
    sends: 'A valid leaf of an intermediate made for this run, without the intermediate.',
    grounds: ['RFC 8446 §4.4.2', 'catalogue CRT-19'],
  },
  {
    id: 'signature-tampered',
    defect: 'signature-tampered',
    title: 'a certificate whose signature was altered is turned away',
    severity: 'critical',
    profile: 'quick',
    why: 'The signature is what makes it a certificate.',
    sends: 'A valid certificate with one bit of its signature flipped.',
    grounds: ['RFC 5280 §6.1.3 (a)(1)', 'catalogue CRT-22'],
  },
  {
    id: 'tbs-tampered',
    defect: 'tbs-tampered',
    title: 'a certificate whose content was altered is turned away',
    severity: 'critical',
    profile: 'default',
    why: 'One changed letter is another person.',
    sends: 'A valid certificate with one bit of its signed part flipped, the signature left as it was.',
    grounds: ['RFC 5280 §6.1.3 (a)(1)', 'catalogue CRT-22'],
  },
  {
    id: 'intermediate-tampered',
    defect: 'intermediate-tampered',
    title: 'an intermediate whose signature was altered is turned away',
    severity: 'high',
    profile: 'default',
    why: 'Every signature on the path counts, not only the leaf’s.',
    sends: 'A good leaf under an intermediate with one bit of its signature flipped.',
    grounds: ['RFC 5280 §6.1.3 (a)(1)', 'catalogue CRT-23'],
  },
  {
    id: 'sha1-signature',
    defect: 'sha1-signature',
    title: 'a certificate signed with SHA-1 is turned away',
    severity: 'medium',
    kind: 'should',
    profile: 'default',
    why: 'Chosen-prefix collisions for SHA-1 cost less than a month of rented machines: two certificates, one signature.',
    sends: 'A valid certificate in everything but its signature hash.',
    grounds: ['RFC 9155', 'catalogue CRT-25'],
    remediation:
      'Raise the security level of the TLS library.\n\nOpenSSL based servers:\n  CipherString = DEFAULT:@SECLEVEL=2',
  },
  {
    id: 'rsa-1024',
    defect: 'rsa-1024',
    title: 'a certificate with a 1024-bit RSA key is turned away',
    severity: 'medium',
    kind: 'should',
    profile: 'default',
    why: 'Such keys are within reach of well-funded attackers; nothing issued in this decade should have one.',
    sends: 'A valid certificate in everything but its key: RSA with 1024 bits.',
    grounds: ['NIST SP 800-131A', 'measured: Go and Node accept it', 'catalogue CRT-24'],
    remediation: 'Raise the security level of the TLS library (OpenSSL: @SECLEVEL=2), and reissue.',
  },
  {
    id: 'unknown-critical-extension',
    defect: 'unknown-critical-extension',
    title: 'a certificate with an unknown critical extension is turned away',
    severity: 'medium',
    profile: 'default',
    why: 'Critical means: do not use this certificate unless you understand the restriction. Ignoring it ignores the restriction.',
    sends: 'A valid certificate with one more extension that nobody knows, marked critical.',
    grounds: ['RFC 5280 §4.2', 'catalogue CRT-26'],
  },
  {
    id: 'revoked',
    defect: 'revoked',
    title: 'a revoked certificate is turned away',
    severity: 'critical',
    profile: 'quick',
    why: 'Revocation is what you do when a device is stolen. The most common edge rule, “block if not verified”, lets revoked certificates in: verified stays true, and CRLs of uploaded CAs are not read at all.',
    sends: 'A certificate with a serial number from the deployment’s CRL, good in everything else.',
    grounds: [
      'RFC 5280 §6.3',
      'cloudflare-docs api-shield/security/mtls/configure (cert_revoked is a second test)',
      'catalogue CRT-29',
      'catalogue MOD-05',
    ],
    remediation:
      'Give the server the CRL, keep it fresh, and fail closed when it is missing.\n\nnginx:\n  ssl_crl /etc/nginx/clients.crl;\n\nhttpd:\n  SSLCARevocationFile /etc/apache2/clients.crl\n  SSLCARevocationCheck leaf\n\nHAProxy:\n  bind :443 ssl crt site.pem ca-file client-ca.pem crl-file clients.crl verify required\n\nCloudflare edge (managed CA only; an uploaded CA’s CRL is never read):\n  (not cf.tls_client_auth.cert_verified or cf.tls_client_auth.cert_revoked)',
  },
]
