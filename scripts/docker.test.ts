import assert from 'node:assert/strict'
import { test } from 'node:test'
import { mirrorsOf } from './docker.mjs'

const deb822 = `Types: deb
# a comment
URIs: http://mirror.example/debian/
Suites: bookworm bookworm-updates
Components: main contrib
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

Types: deb
URIs: http://mirror.example/security
Suites: bookworm-security
Components: main
`

test('the mirrors of a release are read from files of both kinds', () => {
  const expected = {
    main: 'http://mirror.example/debian',
    updates: 'http://mirror.example/debian',
    security: 'http://mirror.example/security',
  }
  assert.deepEqual(mirrorsOf([deb822], 'bookworm'), expected)
  const lines = [
    '# deb http://commented.example/debian bookworm main',
    'deb-src http://mirror.example/debian bookworm main',
    'deb [arch=amd64 signed-by=/a.gpg] http://mirror.example/debian/ bookworm main contrib # ours',
    'deb http://mirror.example/debian bookworm-updates main',
    'deb http://mirror.example/security bookworm-security main',
  ].join('\n')
  assert.deepEqual(mirrorsOf(['', lines], 'bookworm'), expected)
})

test('other releases, components, switched-off and foreign sources are not taken for it', () => {
  const none = { main: undefined, updates: undefined, security: undefined }
  assert.deepEqual(mirrorsOf([deb822], 'trixie'), none)
  assert.deepEqual(mirrorsOf(['deb http://a.example bookworm contrib'], 'bookworm'), none)
  assert.deepEqual(mirrorsOf(['deb cdrom:[Debian]/ bookworm main'], 'bookworm'), none)
  assert.deepEqual(mirrorsOf([deb822.replaceAll('Types: deb', 'Enabled: no\nTypes: deb')], 'bookworm'), none)
  const others = 'deb https://packages.example/apt cloud-sdk-bookworm main\n'
  assert.equal(mirrorsOf([others, deb822], 'bookworm').main, 'http://mirror.example/debian')
})
