import { check } from '../../fixtures/catalogue.ts'
import { Ended } from '../../fixtures/verdict.ts'
import { verifyChain } from '../remedies.ts'
import { defectRows } from './defects.ts'

for (const {
  id,
  defect,
  kind = 'must',
  alsoKilledBy = [],
  remediation = verifyChain,
  letIn,
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
      const good = twin === undefined ? undefined : { identity: twin, label: 'the good twin' }
      try {
        await run.rejected('invalid', { identity: await run.identity(defect) }, good)
      } catch (error) {
        if (letIn === undefined || !(error instanceof Ended) || error.verdict !== 'fail') throw error
        throw new Ended('fail', error.observed, letIn, error.outcome)
      }
    },
  )
}
