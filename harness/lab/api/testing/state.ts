/**
 * A small state for tests of the control plane: two accounts with a zone each, and credentials of every kind.
 * @module
 */
import { createAccessState, emptyAccessObjects } from '../../access/initial.ts'
import { hashOf } from '../../state/ids.ts'
import type { AccountState, ApiCredential, LabState, ZoneState } from '../../state/types.ts'

/** Ids and names of the state. */
export const ids = {
  account: 'ac0000000000000000000000000000aa',
  otherAccount: 'ac0000000000000000000000000000bb',
  zone: 'd00000000000000000000000000000aa',
  otherZone: 'd00000000000000000000000000000bb',
  zoneName: 'example.test',
  otherZoneName: 'other.test',
} as const

/** Credentials by what they may do: `token` for Bearer; `key` goes with `email`. */
export const secrets = {
  /** Edits everything. */
  edit: 'edit-token-of-the-api-tests-0000000000001',
  /** Looks at everything. */
  read: 'read-token-of-the-api-tests-0000000000002',
  /** Edits the first account only. */
  oneAccount: 'one-account-token-of-the-api-tests-000003',
  disabled: 'disabled-token-of-the-api-tests-000000004',
  expired: 'expired-token-of-the-api-tests-0000000005',
  email: 'operator@example.test',
  /** 37 hex digits, as real ones. */
  key: '0123456789abcdef0123456789abcdef01234',
} as const

const at = '2026-01-01T00:00:00.000Z'

/** A fresh state in which everything takes effect at once; its Access keys take 0.2 s to make. */
export async function testState(): Promise<LabState> {
  return {
    schemaVersion: 1,
    accounts: {
      [ids.account]: await account(ids.account, 'First', 'first.cloudflareaccess.com'),
      [ids.otherAccount]: await account(ids.otherAccount, 'Second', undefined),
    },
    zones: {
      [ids.zone]: zone(ids.zone, ids.zoneName, ids.account),
      [ids.otherZone]: zone(ids.otherZone, ids.otherZoneName, ids.otherAccount),
    },
    hostnames: {
      'api.example.test': {
        hostname: 'api.example.test',
        zoneId: ids.zone,
        what: 'an API',
        origin: 'main',
      },
    },
    credentials: Object.fromEntries(
      [
        credential('edit', secrets.edit, {}),
        credential('read', secrets.read, { access: 'read' }),
        credential('oneAccount', secrets.oneAccount, { accounts: [ids.account] }),
        credential('disabled', secrets.disabled, { status: 'disabled' }),
        credential('expired', secrets.expired, { status: 'expired' }),
        credential('key', secrets.key, { kind: 'key', email: secrets.email }),
      ].map((made) => [made.id, made]),
    ),
    delays: { deployment: 0, deletion: 0, revocation: 0, sessionRevocation: 0, certificateSettings: 0 },
  }
}

const account = async (id: string, name: string, authDomain: string | undefined): Promise<AccountState> => ({
  id,
  name,
  createdOn: at,
  mtlsCertificates: {},
  access: await createAccessState({ authDomain, name, now: Date.parse(at) }),
})

const zone = (id: string, name: string, accountId: string): ZoneState => ({
  id,
  name,
  accountId,
  createdOn: at,
  modifiedOn: at,
  settings: {
    ssl: { value: 'full', modifiedOn: null },
    tls_client_auth: { value: 'off', modifiedOn: null },
  },
  clientCertificates: {},
  hostnameAssociations: {},
  rulesets: {},
  managedRequestHeaders: [],
  originPulls: { enabled: false, zoneCertificates: {}, hostnameCertificates: {}, associations: {} },
  access: emptyAccessObjects(),
})

const credential = (name: string, secret: string, more: Partial<ApiCredential>): ApiCredential => ({
  id: hashOf(name).slice(0, 32),
  name,
  kind: 'token',
  hash: hashOf(secret),
  access: 'edit',
  status: 'active',
  ...more,
})
