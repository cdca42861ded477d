/**
 * TLS sessions as the TLS library knows them.
 * @module
 */

/** What newer versions of Node put in front of a session: this, the length of the server name, and the name. */
const nodePrefix = Buffer.from('\0nodejs:tls:session:1\0')

/**
 * The bare session. Node binds the sessions it hands out to the server name they were made with, and silently does a
 * full handshake for any other: the attack of RES-02 and RES-03 (CVE-2025-23419) would never leave this machine, and
 * every server would seem safe from it.
 */
export function bareSession(session: Buffer): Buffer {
  if (!session.subarray(0, nodePrefix.length).equals(nodePrefix)) return session
  const nameEnd = nodePrefix.length + 2 + session.readUInt16BE(nodePrefix.length)
  return session.subarray(nameEnd)
}
