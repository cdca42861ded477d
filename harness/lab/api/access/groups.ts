/**
 * Groups of selectors (`/access/groups`).
 * @module
 */
import type { AccessGroup } from '../../state/access-types.ts'
import { newUuid } from '../../state/ids.ts'
import type { ApiContext } from '../context.ts'
import { page, success } from '../envelope.ts'
import { bodyReader, field } from './body.ts'
import { invalid, unknownGroup } from './errors.ts'
import { checkRoom } from './limits.ts'
import { passes } from './query.ts'
import { isReferred, readRuleLists, refuseCycle } from './rules.ts'
import { type AccessRoute, entry, type Owner, whereUsed } from './scope.ts'

interface GroupBody {
  name: string
  include: unknown[]
  exclude?: unknown[]
  require?: unknown[]
  is_default?: boolean
}

const read = bodyReader<GroupBody>({
  required: ['name', 'include'],
  fields: {
    name: field.name,
    include: field.list,
    exclude: field.list,
    require: field.list,
    is_default: field.boolean,
  },
})

const view = (group: AccessGroup): Record<string, unknown> => ({
  id: group.id,
  name: group.name,
  include: group.include,
  exclude: group.exclude,
  require: group.require,
  // The documents say it is a list of rules in answers; so it is shown only where it says something.
  ...(group.isDefault ? { is_default: true } : {}),
  created_at: group.createdAt,
  updated_at: group.updatedAt,
})

const find = ({ objects }: Owner, id: string): AccessGroup => {
  const group = entry(objects.groups, id)
  if (group === undefined) throw unknownGroup()
  return group
}

/** The routes. */
export function groupRoutes(context: ApiContext): AccessRoute[] {
  const { store } = context
  const write = (owner: Owner, body: unknown, before?: AccessGroup): AccessGroup => {
    const given = read(body)
    const lists = readRuleLists(given, owner)
    if (before !== undefined) refuseCycle(owner, before.id, lists)
    const now = store.timestamp()
    const group: AccessGroup = {
      id: before?.id ?? newUuid(),
      name: given.name,
      ...lists,
      isDefault: given.is_default ?? false,
      createdAt: before?.createdAt ?? now,
      updatedAt: now,
    }
    owner.objects.groups[group.id] = group
    store.changed()
    return group
  }
  return [
    {
      method: 'POST',
      path: '/groups',
      status: 201,
      handle({ owner, body }) {
        checkRoom(context, owner, 'groups')
        return success(view(write(owner, body)))
      },
    },
    {
      method: 'GET',
      path: '/groups',
      handle: ({ owner, query }) =>
        page(
          Object.values(owner.objects.groups)
            .filter(({ name }) => passes(query, name, [name]))
            .map(view),
          query,
        ),
    },
    {
      method: 'GET',
      path: '/groups/:group_id',
      handle: ({ owner, param }) => success(view(find(owner, param('group_id')))),
    },
    {
      method: 'PUT',
      path: '/groups/:group_id',
      handle: ({ owner, param, body }) => success(view(write(owner, body, find(owner, param('group_id'))))),
    },
    {
      method: 'DELETE',
      path: '/groups/:group_id',
      status: 202,
      handle({ owner, param }) {
        const { id } = find(owner, param('group_id'))
        if (isReferred(whereUsed(context, owner), 'groups', id))
          throw invalid('cannot delete group because it is used by a policy or group')
        delete owner.objects.groups[id]
        store.changed()
        return success({ id })
      },
    },
  ]
}
