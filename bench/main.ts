/**
 * `npm run bench`: figures to compare within one run, on one machine. Nothing here is a test: machines differ.
 * @module
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { benchEdge } from './edge.ts'
import { benchLoad } from './load.ts'
import { benchMinting } from './minting.ts'
import { print } from './stats.ts'
import { benchTestssl } from './testssl.ts'
import { benchTranscript } from './transcript.ts'
import { benchVerify } from './verify.ts'

const dir = await mkdtemp(join(tmpdir(), 'harness-bench-'))
try {
  print('Minting', await benchMinting())
  print(
    'Transcript: one handshake and request, tapped and read, against a plain Node connection',
    await benchTranscript(dir),
  )
  print('Edge: the same requests through it and through a bare Node server', await benchEdge())
  print('Verify: whole runs against the lab, process start to exit', await benchVerify(dir))
  print('Generators of load: what a client spends on one valid mTLS handshake', await benchLoad(dir))
  print('Beside testssl.sh on the same server', await benchTestssl(dir))
} finally {
  await rm(dir, { recursive: true, force: true })
}
