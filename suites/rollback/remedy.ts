/**
 * How to change over without an outage. Lines indented by two spaces are code.
 * @module
 */

/** The order, and the way back. */
export const changeInOrder = `Change one thing at a time, and see it before the next one.

On:
  POST /zones/<zone>/origin_tls_client_auth/hostnames/certificates   {"certificate":"<PEM>","private_key":"<PEM>"}
  wait until its status is active
  origin: ssl_verify_client optional
  PUT  /zones/<zone>/origin_tls_client_auth/hostnames   {"config":[{"hostname":"<HOST>","cert_id":"<id>","enabled":true}]}
  wait until the origin's log shows the certificate
  origin: ssl_verify_client on; reload, and look whether every worker has it: curl -k https://<ORIGIN>/ without a certificate

Off (the origin first):
  origin: ssl_verify_client optional
  PUT    … "enabled":null      (false keeps the association, and the certificate in use: 1433)
  DELETE /zones/<zone>/origin_tls_client_auth/hostnames/certificates/<id>

All of it under traffic, with a report of every step, and back by itself when something goes wrong:
  harness drill rollback -d harness.yaml --allow-changes --hostname <HOST>
After a drill that was killed:
  harness drill restore harness-rollback-export.json -d harness.yaml --allow-changes --hostname <HOST>`
