import { type ReactNode } from 'react';
import { formatCount } from '../../format/amount';
import { Amount } from '../../parts/amount';
import { Sheet } from '../../parts/sheet';
import { Tag } from '../../parts/tag';
import type { Population, RunDetail } from '../../api/types';

/** What was in scope, how much of it, and what proves that all of it was read. */
export function PopulationsSheet({ run }: { run: RunDetail }): ReactNode {
  return (
    <Sheet title="Populations" note="Frozen and hashed before anything was judged" flush>
      <table className="grid">
        <thead>
          <tr>
            <th scope="col">Population</th>
            <th scope="col">Side</th>
            <th scope="col" className="right">
              Items
            </th>
            <th scope="col" className="right">
              Total
            </th>
            <th scope="col">Proof of completeness</th>
            <th scope="col">SHA-256</th>
          </tr>
        </thead>
        <tbody>
          {run.populations.map((population) => (
            <PopulationRow
              key={`${population.procedure} ${population.side}`}
              population={population}
            />
          ))}
        </tbody>
      </table>
      {run.populations.length === 0 ? <div className="stated soft">Nothing was frozen.</div> : null}
    </Sheet>
  );
}

function PopulationRow({ population }: { population: Population }): ReactNode {
  const unverified = population.verified.includes('unverified');
  return (
    <tr>
      <th scope="row" className="row">
        {population.label}
        <div className="soft small">
          {population.population}, from {population.source}
        </div>
      </th>
      <td>{population.side}</td>
      <td className="right">{formatCount(population.items)}</td>
      <td className="right">
        {population.totals.map((total) => (
          <div key={total.currency ?? 'none'}>
            <Amount value={total.amount} currency={total.currency} named />
          </div>
        ))}
      </td>
      <td>
        <Tag tone={unverified ? 'warn' : 'good'}>{population.verified}</Tag>
      </td>
      <td className="mono" title={population.file_sha256}>
        {population.file_sha256.slice(0, 12)}…
      </td>
    </tr>
  );
}
