import { useQuery } from '@tanstack/react-query';
import { type ReactNode } from 'react';
import { populationProofsQuery } from '../../api/queries';
import type { RunDetail } from '../../api/types';
import { Sheet } from '../../parts/sheet';
import { TableHead } from '../../parts/table-head';
import { useMay } from '../../session/me';
import { PopulationRow } from './population-row';
import { proofsIn } from './source-proof';

/** What was in scope, how much of it, up to when it was read, and what proves all of that. */
export function PopulationsSheet({ run }: { run: RunDetail }): ReactNode {
  const may = useMay();
  const query = useQuery({
    ...populationProofsQuery(run.run_id),
    enabled: may('evidence.read', run.entity_id) && run.populations.length > 0,
  });
  const proofs = proofsIn(query.data);
  return (
    <Sheet title="Populations" note="Frozen and hashed before anything was judged" flush>
      <table className="grid">
        <TableHead
          columns={[
            'Population',
            'Side',
            { right: 'Items' },
            { right: 'Total' },
            'Read through',
            'Proof of completeness',
            'SHA-256',
          ]}
        />
        <tbody>
          {run.populations.map((population) => (
            <PopulationRow
              key={`${population.procedure} ${population.side}`}
              population={population}
              asOf={run.as_of}
              isRead={!query.isLoading}
              proof={proofs.find(
                ({ procedure, side }) =>
                  procedure === population.procedure && side === population.side,
              )}
            />
          ))}
        </tbody>
      </table>
      {run.populations.length === 0 ? <div className="stated soft">Nothing was frozen.</div> : null}
    </Sheet>
  );
}
