import { Drawer } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { lineItemsQuery } from '../../api/queries';
import type { LineItems } from '../../api/types';
import { formatCount } from '../../format/amount';
import { isZero, lessOf } from '../../format/exact';
import { counted, spelled } from '../../format/words';
import { Amount } from '../../parts/amount';
import { Answer, Empty } from '../../parts/answers';
import type { StatementLine } from './statement-layout';

export interface OpenLine {
  procedure: string;
  currency: string | null;
  label: string;
  line: StatementLine;
}

/** The items behind a line of the statement, read from the run's evidence. */
export function LineItemsDrawer({
  runId,
  open,
  onClose,
}: {
  runId: string;
  open: OpenLine | null;
  onClose: () => void;
}): ReactNode {
  return (
    <Drawer
      opened={open !== null}
      onClose={onClose}
      position="right"
      size="xl"
      title={
        open === null ? '' : `${open.label}${open.currency === null ? '' : `, ${open.currency}`}`
      }
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      {open === null ? null : <Items runId={runId} open={open} />}
    </Drawer>
  );
}

function Items({ runId, open }: { runId: string; open: OpenLine }): ReactNode {
  const { procedure, currency, line } = open;
  const query = useQuery(
    lineItemsQuery(runId, {
      procedure,
      category: line.category,
      side: line.side,
      ...(line.code === null ? {} : { code: line.code }),
      ...(currency === null ? {} : { currency }),
    }),
  );
  return (
    <Answer query={query}>
      {(items) =>
        items.agrees ? (
          <KeyTable items={items} currency={currency} />
        ) : (
          <Empty title="These items cannot be told apart here">
            The evidence of the run holds both populations; download it to see them.
          </Empty>
        )
      }
    </Answer>
  );
}

function KeyTable({
  items: { keys, keys_total: total },
  currency,
}: {
  items: LineItems;
  currency: string | null;
}): ReactNode {
  const names = Object.keys(keys[0]?.key ?? {});
  return (
    <>
      <p className="soft small">
        {counted(formatCount(total), 'key')}
        {String(keys.length) === total ? '' : `; the ${formatCount(keys.length)} that differ most`}
      </p>
      <table className="grid">
        <thead>
          <tr>
            {names.map((name) => (
              <th key={name} scope="col">
                {spelled(name)}
              </th>
            ))}
            <th scope="col" className="right">
              Left
            </th>
            <th scope="col" className="right">
              Right
            </th>
            <th scope="col" className="right">
              Difference
            </th>
          </tr>
        </thead>
        <tbody>
          {keys.map((item) => (
            <KeyRow key={JSON.stringify(item.key)} {...{ item, names, currency }} />
          ))}
        </tbody>
      </table>
    </>
  );
}

function KeyRow({
  item: { key, left, right },
  names,
  currency,
}: {
  item: LineItems['keys'][number];
  names: readonly string[];
  currency: string | null;
}): ReactNode {
  const difference = lessOf(right?.amount ?? '0', left?.amount ?? '0');
  return (
    <tr title={[left?.source_ref, right?.source_ref].filter(Boolean).join(' · ')}>
      {names.map((name) => (
        <td key={name} className="mono">
          {key[name] ?? ''}
        </td>
      ))}
      <td className="right">
        <Amount value={left?.amount ?? null} currency={currency} />
      </td>
      <td className="right">
        <Amount value={right?.amount ?? null} currency={currency} />
      </td>
      <td className="right">
        {isZero(difference) ? (
          <span className="soft">–</span>
        ) : (
          <Amount value={difference} currency={currency} />
        )}
      </td>
    </tr>
  );
}
