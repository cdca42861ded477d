import { check } from '../../fixtures/catalogue.ts'
import { verifyChain } from '../remedies.ts'
import { defectRows } from './defects.ts'

for (const {
  id,
  defect,
  kind = 'must',
  alsoKilledBy = [],
  remediation = verifyChain,
  ...texts
} of defectRows) {
  check(
    `client-cert.${id}`,
    {
      ...texts,
      kind,
      remediation,
      needs: ['mtls', `defect:${defect}`],
      // The best version both speak is 1.3: what accepts everything there accepts this.
      killedBy: [`edge.accepts-${defect}`, 'edge.invalid-accepted-in-1.3', ...alsoKilledBy],
      expects:
        'Refused, while the same certificate without the defect is let in; in report mode passed with status invalid.',
    },
    async (run) => {
      const twin = await run.twin(defect)
      await run.rejected(
        'invalid',
        { identity: await run.identity(defect) },
        twin === undefined ? undefined : { identity: twin, label: 'the good twin' },
      )
    },
  )
}
