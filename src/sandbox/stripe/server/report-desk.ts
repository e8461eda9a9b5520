import type Stripe from 'stripe';
import { DAY, startOfUtcDay } from '../../kit/instants';
import { stripeId } from '../../kit/ids';
import type { EntityId } from '../../truth/company';
import type { Wire } from '../render/wire';
import type { AccountView } from './account-view';
import { inside, integerOf, listOf, textOf, type Params } from './parse-params';
import { reports, type Interval } from './report-rows';
import { invalidRequest, resourceMissing } from './stripe-error';

type Run = Wire<Stripe.Reporting.ReportRun>;

interface Asked {
  run: Run;
  entity: EntityId;
  interval: Interval;
  columns: string[];
  /** Reads of the run since it was asked for. */
  polls: number;
  csv: string | null;
}

/** A run is ready on its second read. */
const readsUntilReady = 2;

const dataFrom = startOfUtcDay('2024-06-15');

/** Reports of the balance: asked for, polled, and taken as CSV in major units (CONTROLS S2). */
export class ReportDesk {
  private readonly asked = new Map<string, Asked>();

  types(view: AccountView): Wire<Stripe.Reporting.ReportType>[] {
    return Object.entries(reports).map(([id, { name, columns }]) => ({
      id,
      object: 'reporting.report_type',
      // Stripe makes the data of a day ready in the day after (CONTROLS §1.3).
      data_available_end: view.now - (view.now % DAY),
      data_available_start: dataFrom,
      default_columns: [...columns],
      livemode: true,
      name,
      updated: view.now - (view.now % DAY),
      version: Number(id.split('.').at(-1)),
    }));
  }

  ask(view: AccountView, params: Params): Run {
    const type = textOf(params.report_type);
    if (type === null)
      throw invalidRequest(
        'parameter_missing',
        'Missing required param: report_type.',
        'report_type',
      );
    const report = reports[type];
    if (!report) throw resourceMissing('report type', type, 'report_type');
    const of = inside(params.parameters);
    const start = integerOf(of, 'interval_start') ?? dataFrom;
    const end = integerOf(of, 'interval_end') ?? view.now - (view.now % DAY);
    if (end > view.now - (view.now % DAY) || start >= end)
      throw invalidRequest(
        'parameter_invalid_integer',
        'The interval must end after it starts, and no later than data_available_end.',
        'parameters[interval_end]',
      );
    const timezone = textOf(of.timezone) ?? 'Etc/UTC';
    const columns = listOf(of.columns);
    const strange = columns.find((column) => !report.columns.includes(column));
    if (strange !== undefined)
      throw invalidRequest(
        'parameter_invalid_string',
        `Invalid column: ${strange}.`,
        'parameters[columns]',
      );
    const run: Run = {
      id: stripeId('frr', view.entity, this.asked.size),
      object: 'reporting.report_run',
      created: view.now,
      error: null,
      livemode: true,
      parameters: { interval_end: end, interval_start: start, timezone },
      report_type: type,
      result: null,
      status: 'pending',
      succeeded_at: null,
    };
    const interval = { start, end, timezone };
    const all = columns.length > 0 ? columns : [...report.columns];
    this.asked.set(run.id, {
      run,
      entity: view.entity,
      interval,
      columns: all,
      polls: 0,
      csv: null,
    });
    return run;
  }

  runs(view: AccountView): Run[] {
    return [...this.asked.values()]
      .filter(({ entity }) => entity === view.entity)
      .map(({ run }) => run)
      .reverse();
  }

  read(view: AccountView, id: string, origin: string): Run {
    const asked = this.asked.get(id);
    if (asked?.entity !== view.entity) throw resourceMissing('report run', id, 'id');
    asked.polls += 1;
    if (asked.csv !== null || asked.polls < readsUntilReady) return asked.run;
    asked.csv = csvOf(view, asked);
    const file = stripeId('file', id);
    asked.run = {
      ...asked.run,
      result: {
        id: file,
        object: 'file',
        created: view.now,
        expires_at: view.now + 365 * DAY,
        filename: `${asked.run.report_type}.csv`,
        purpose: 'finance_report_run',
        size: Buffer.byteLength(asked.csv),
        title: `FinanceReportRun ${id}`,
        type: 'csv',
        url: `${origin}/v1/files/${file}/contents`,
      },
      status: 'succeeded',
      succeeded_at: view.now,
    };
    return asked.run;
  }

  /** The CSV of a finished run. */
  contents(view: AccountView, file: string): string {
    for (const { run, csv, entity } of this.asked.values())
      if (run.result?.id === file && entity === view.entity && csv !== null) return csv;
    throw resourceMissing('file', file, 'id');
  }
}

function csvOf(view: AccountView, { run, interval, columns }: Asked): string {
  const lines = [columns.map(quoted).join(',')];
  for (const row of reports[run.report_type]?.rows(view, interval) ?? [])
    lines.push(columns.map((column) => quoted(row[column] ?? '')).join(','));
  return `${lines.join('\n')}\n`;
}

const quoted = (cell: string): string => `"${cell.replaceAll('"', '""')}"`;
