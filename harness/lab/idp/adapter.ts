/**
 * What oidc-provider remembers: in memory, bounded.
 * @module
 */
import type { Adapter, AdapterPayload } from 'oidc-provider'

interface Entry {
  payload: AdapterPayload
  /** Epoch milliseconds. */
  until: number
}

const limit = 5000

/** A fresh memory, shared by all models of one provider. */
export function createAdapterFactory(): (model: string) => Adapter {
  const entries = new Map<string, Entry>()
  const alive = (key: string): AdapterPayload | undefined => {
    const entry = entries.get(key)
    if (entry === undefined || Date.now() < entry.until) return entry?.payload
    entries.delete(key)
    return undefined
  }
  const search = (model: string, fits: (payload: AdapterPayload) => boolean): AdapterPayload | undefined => {
    for (const key of entries.keys()) {
      const payload = key.startsWith(`${model}:`) ? alive(key) : undefined
      if (payload !== undefined && fits(payload)) return payload
    }
    return undefined
  }
  return (model) => ({
    async upsert(id, payload, expiresIn) {
      const key = `${model}:${id}`
      const oldest = entries.keys().next()
      if (entries.size >= limit && !entries.has(key) && !oldest.done) entries.delete(oldest.value)
      const until = expiresIn === undefined ? Number.POSITIVE_INFINITY : Date.now() + expiresIn * 1000
      entries.set(key, { payload, until })
    },
    find: async (id) => alive(`${model}:${id}`),
    findByUid: async (uid) => search(model, (payload) => payload.uid === uid),
    findByUserCode: async (code) => search(model, (payload) => payload.userCode === code),
    async consume(id) {
      const payload = alive(`${model}:${id}`)
      if (payload !== undefined) payload.consumed = Math.floor(Date.now() / 1000)
    },
    async destroy(id) {
      entries.delete(`${model}:${id}`)
    },
    async revokeByGrantId(grantId) {
      for (const [key, { payload }] of entries) if (payload.grantId === grantId) entries.delete(key)
    },
  })
}
