import { renderTable } from './render-table';
import type { CostOfRuns } from './run-costs';
import { counted, duration, type Page } from './text-layout';

/** Which control took how long, and what all of them took. */
export function renderCosts({ controls, ...whole }: CostOfRuns, page: Page): string[] {
  const runs = controls.reduce((sum, control) => sum + control.runs, 0);
  return [
    ...renderTable(
      controls,
      [
        { title: 'control', cell: ({ control }) => control },
        { title: 'runs', cell: (control) => String(control.runs), align: 'right' },
        { title: 'time', cell: ({ took_ms: ms }) => duration(ms), align: 'right' },
        { title: 'share', cell: ({ share }) => percent(share), align: 'right' },
        { title: 'slowest', cell: ({ slowest_ms: ms }) => duration(ms), align: 'right' },
        { title: 'memory', cell: (control) => megabytes(control), align: 'right' },
      ],
      page,
    ),
    '',
    `${counted(runs, 'run')} in ${duration(whole.wall_ms)}, peak memory ${megabytes(whole)} ` +
      '(this process; Postgres has its own)',
  ];
}

function percent(share: number): string {
  const tenths = Math.round(share * 1000);
  return `${Math.floor(tenths / 10)}.${tenths % 10} %`;
}

const megabytes = ({ peak_rss_bytes: bytes }: { peak_rss_bytes: number }): string =>
  `${Math.round(bytes / 1e6)} MB`;
