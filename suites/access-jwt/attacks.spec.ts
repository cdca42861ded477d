import { check } from '../../fixtures/catalogue.ts'
import { attacks } from './attacks.ts'
import { edgeDoor, originDoor, refuseAll } from './doors.ts'
import { edgeVerifies, originVerifies } from './remedies.ts'

const expects =
  'Each is refused (redirect to the login of the team, 401 or 403; never a server error), while the genuine token is let in before and after.'

for (const { id, needs, edge, origin, tokens, twin, ...told } of attacks) {
  if (edge.length > 0)
    check(
      `access-jwt.${id}`,
      {
        ...told,
        kind: 'must',
        needs: ['access.token', ...needs],
        killedBy: edge,
        sends: `${told.sends} To the edge, as CF_Authorization cookie and cf-access-token header at once.`,
        expects,
        remediation: edgeVerifies,
      },
      async (run) => {
        const genuine = await run.applicationToken()
        await refuseAll(
          run,
          await edgeDoor(run),
          (await twin?.(run, genuine)) ?? genuine,
          await tokens(run, genuine),
        )
      },
    )
  if (origin.length > 0)
    check(
      `access-jwt.origin-${id}`,
      {
        ...told,
        title: `at the origin: ${told.title}`,
        kind: 'must',
        profile: told.profile === 'quick' ? 'default' : told.profile,
        needs: ['access.token', 'origin.validates', ...needs],
        killedBy: origin,
        why: `${told.why} The edge hides an origin that does not verify: whoever finds the way past it (another hostname, a tunnel, the address itself) needs no more than this.`,
        sends: `${told.sends} Straight to the origin, as Cf-Access-Jwt-Assertion.`,
        expects,
        remediation: originVerifies,
      },
      async (run) => {
        const genuine = await run.applicationToken()
        await refuseAll(
          run,
          await originDoor(run),
          (await twin?.(run, genuine)) ?? genuine,
          await tokens(run, genuine),
        )
      },
    )
}
