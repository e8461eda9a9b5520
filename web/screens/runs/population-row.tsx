import { useState, type ReactNode } from 'react';
import type { Population } from '../../api/types';
import { formatCount } from '../../format/amount';
import { daysFrom, formatDay, formatInstant } from '../../format/dates';
import { counted } from '../../format/words';
import { Amount } from '../../parts/amount';
import { TableHead } from '../../parts/table-head';
import { Tag } from '../../parts/tag';
import { readThrough, type PopulationProof } from './source-proof';

/** One population; opens to its sources, its parameters and the SQL as it was executed. */
export function PopulationRow({
  population,
  proof,
  asOf,
  isRead,
}: {
  population: Population;
  proof: PopulationProof | undefined;
  asOf: string;
  /** False while the evidence is still being asked for its proofs. */
  isRead: boolean;
}): ReactNode {
  const [open, setOpen] = useState(false);
  return (
    <>
      <tr>
        <th scope="row" className="row">
          {population.label}
          <div className="soft small">
            <Name {...{ population, open }} onOpen={proof === undefined ? null : setOpen} />
            {`, from ${population.source}`}
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
        <td className="nowrap">
          {isRead ? <Freshness proof={proof} asOf={asOf} /> : <span className="soft">…</span>}
        </td>
        <td>
          {population.verified.split('; ').map((words) => (
            <Proof key={words} words={words} />
          ))}
        </td>
        <td className="mono" title={population.file_sha256}>
          {population.file_sha256.slice(0, 12)}…
        </td>
      </tr>
      {open && proof !== undefined ? (
        <tr>
          <td colSpan={7}>
            <Details proof={proof} />
          </td>
        </tr>
      ) : null}
    </>
  );
}

function Name({
  population: { population },
  open,
  onOpen,
}: {
  population: Population;
  open: boolean;
  /** null where the reader may not see the evidence. */
  onOpen: ((open: boolean) => void) | null;
}): ReactNode {
  if (onOpen === null) return population;
  return (
    <button
      type="button"
      className="plain-button"
      aria-expanded={open}
      onClick={() => onOpen(!open)}
    >
      <span aria-hidden>{open ? '▾' : '▸'}</span> {population}
    </button>
  );
}

/** Good where the source itself, or its control total, agrees; reads alone prove less. */
function Proof({ words }: { words: string }): ReactNode {
  const [tone, verdict] = proofTag(words);
  return (
    <div className="proof">
      <Tag tone={tone}>{verdict}</Tag> <span className="small">{words}</span>
    </div>
  );
}

function proofTag(words: string): ['good' | 'mute' | 'warn', string] {
  if (words.includes('unverified')) return ['warn', 'Unverified'];
  if (words.includes('alone')) return ['mute', 'Two reads'];
  if (words.includes('nothing of the kind')) return ['mute', 'Absent'];
  return ['good', 'Agreed'];
}

function Freshness({
  proof,
  asOf,
}: {
  proof: PopulationProof | undefined;
  asOf: string;
}): ReactNode {
  const through = proof === undefined ? null : readThrough(proof);
  if (through === null) return <span className="soft">not said</span>;
  const days = daysFrom(asOf, through);
  return (
    <>
      {formatInstant(through)}
      <div className="soft small">
        {days > 0 ? `${counted(days, 'day')} after the as-of day` : 'on or before the as-of day'}
      </div>
    </>
  );
}

function Details({ proof }: { proof: PopulationProof }): ReactNode {
  return (
    <div className="stack">
      <table className="grid">
        <TableHead columns={['Read from', 'Proof', 'Proven through']} />
        <tbody>
          {proof.sources.map((source) => (
            <tr key={source.relation}>
              <th scope="row" className="row mono">
                {source.relation}
              </th>
              <td>{source.verified}</td>
              <td>
                {source.proven.map(({ stream, through }) => (
                  <div key={stream}>
                    {stream}: {formatInstant(through)}
                  </div>
                ))}
                {source.extractedAt.map((at) => (
                  <div key={at}>extracted {formatInstant(at)}</div>
                ))}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <dl className="facts">
        {proof.parameters.map(([name, value]) => (
          <Parameter key={name} name={name} value={value} />
        ))}
      </dl>
      {proof.executed === null ? null : (
        <pre className="sql" tabIndex={0} aria-label="SQL as it was executed">
          {proof.executed}
        </pre>
      )}
    </div>
  );
}

function Parameter({ name, value }: { name: string; value: string }): ReactNode {
  return (
    <>
      <dt className="mono">:{name}</dt>
      <dd>{/^\d{4}-\d{2}-\d{2}$/.test(value) ? formatDay(value) : value}</dd>
    </>
  );
}
