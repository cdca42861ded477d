/**
 * Zone settings that the lab has: `ssl`, and `tls_client_auth` (the global switch of Authenticated Origin Pulls).
 * @module
 */
import type { Setting, ZoneState } from '../state/types.ts'
import { type Routes, zoneIn } from './context.ts'
import { success } from './envelope.ts'
import { ApiError } from './errors.ts'
import { pathParameter } from './query.ts'

type SettingId = keyof ZoneState['settings']

const values: { readonly [Id in SettingId]: readonly ZoneState['settings'][Id]['value'][] } = {
  ssl: ['off', 'flexible', 'full', 'strict'],
  tls_client_auth: ['on', 'off'],
}

const isSetting = (id: string): id is SettingId => Object.hasOwn(values, id)

/** Adds them. */
export const settingRoutes: Routes = (app, context) => {
  const { store } = context

  app.get('/zones/:zone_id/settings', (request) => {
    const { settings } = zoneIn(context, pathParameter(request, 'zone_id'))
    return success(Object.keys(values).flatMap((id) => (isSetting(id) ? [show(id, settings[id])] : [])))
  })

  app.get('/zones/:zone_id/settings/:setting_id', (request) => {
    const { settings } = zoneIn(context, pathParameter(request, 'zone_id'))
    const id = settingIn(pathParameter(request, 'setting_id'))
    return success(show(id, settings[id]))
  })

  app.patch('/zones/:zone_id/settings/:setting_id', (request) => {
    const zone = zoneIn(context, pathParameter(request, 'zone_id'))
    const id = settingIn(pathParameter(request, 'setting_id'))
    const { value } = (request.body ?? {}) as { value?: unknown }
    // The tables pair each setting with its values; assigning through the id is where the compiler loses sight of it.
    const wanted = values[id].find((allowed) => allowed === value)
    if (wanted === undefined) throw new ApiError(400, 1007, `Invalid value for zone setting ${id}`)
    const settings = zone.settings as Record<SettingId, Setting<string>>
    const now = store.timestamp()
    settings[id] = { value: wanted, modifiedOn: now }
    zone.modifiedOn = now
    store.changed()
    return success(show(id, settings[id]))
  })
}

function settingIn(id: string): SettingId {
  if (!isSetting(id)) throw new ApiError(400, 1003, `Undefined zone setting: ${id.slice(0, 100)}`)
  return id
}

const show = (id: SettingId, { value, modifiedOn }: Setting<string>): object => ({
  id,
  value,
  editable: true,
  modified_on: modifiedOn,
})
