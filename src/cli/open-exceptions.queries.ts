import type { Knex } from 'knex';
import { normalizeAmount } from '../core/money';
import type { Severity } from '../core/outcome';

export interface ListedException {
  exception_id: string;
  control_id: string;
  entity_id: string;
  period_key: string;
  procedure: string;
  code: string;
  key: Record<string, string>;
  state: 'open' | 'cleared';
  severity: Severity;
  currency: string | null;
  /** Major units of `currency`; null where no amount is at stake. */
  impact: string | null;
  explanation: string;
  first_seen_run: string;
}

/** Any part may be left out. */
export interface ExceptionFilter {
  control?: string | undefined;
  entity?: string | undefined;
  period?: string | undefined;
  state?: string | undefined;
}

/** Impact of exceptions in one currency; null where no amount is at stake. */
export interface ImpactTotal {
  currency: string | null;
  exceptions: string;
  impact: string | null;
}

const matching = `(cast(:control as text) is null or control_id = :control)
  and (cast(:entity as text) is null or entity_id = :entity)
  and (cast(:period as text) is null or period_key = :period)
  and (cast(:state as text) is null or state = :state
    or (:state = 'open' and state in ('acknowledged', 'proposed')))`;

/** Exceptions as a person works them: the gravest first. Writes nothing. */
export class OpenExceptionsQueries {
  constructor(private readonly app: Knex) {}

  async gravest(filter: ExceptionFilter, limit: number): Promise<ListedException[]> {
    const { rows } = await this.app.raw<{ rows: ListedException[] }>(
      `select exception_id, control_id, entity_id, period_key, procedure, code, key, state,
         severity, currency, impact, explanation, first_seen_run
       from tieout.exceptions where ${matching}
       order by array_position(array['critical', 'high', 'medium', 'low'], severity),
         impact desc nulls last, fingerprint
       limit cast(:limit as integer)`,
      { ...parametersOf(filter), limit },
    );
    return rows.map((row) => ({ ...row, impact: plain(row.impact) }));
  }

  /** By currency, which amounts are never added across. */
  async totals(filter: ExceptionFilter): Promise<ImpactTotal[]> {
    const { rows } = await this.app.raw<{ rows: ImpactTotal[] }>(
      `select currency, count(*) as exceptions, sum(impact) as impact
       from tieout.exceptions where ${matching} group by currency order by currency nulls last`,
      parametersOf(filter),
    );
    return rows.map((row) => ({ ...row, impact: plain(row.impact) }));
  }
}

const parametersOf = (filter: ExceptionFilter): Record<string, string | null> => ({
  control: filter.control ?? null,
  entity: filter.entity ?? null,
  period: filter.period ?? null,
  state: filter.state ?? null,
});

const plain = (amount: string | null): string | null =>
  amount === null ? null : normalizeAmount(amount);
