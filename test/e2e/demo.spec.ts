import { spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { normalizeAmount } from '../../src/core/money';

const root = path.join(__dirname, '..', '..');
const limitMs = 120_000;

interface ExpectedRun {
  control: string;
  entity: string;
  period: string;
  as_of: string;
  outcome: string;
  findings: { code: string; key: Record<string, string>; currency: string; impact: string }[];
}
const expected = JSON.parse(
  readFileSync(path.join(root, 'src/sandbox/demo/expected-findings.json'), 'utf8'),
) as ExpectedRun[];

let folder: string;
let child: ChildProcess | undefined;

beforeAll(() => {
  // As root, the server runs as another account, which must be able to reach the folder.
  folder = mkdtempSync(path.join(process.getuid?.() === 0 ? '/tmp' : tmpdir(), 'tieout-demo-'));
  chmodSync(folder, 0o755);
});
afterEach(() => {
  child?.kill('SIGKILL');
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** The demo in a process of its own; `onOutput` sees all of stdout so far, at each piece. */
function demo(
  args: string[],
  onOutput: (stdout: string, running: ChildProcess) => void = () => undefined,
): Promise<Ended> {
  const loader = path.join(root, 'test', 'support', 'typescript.js');
  const cli = path.join(root, 'src', 'cli.ts');
  const running = spawn(process.execPath, ['-r', loader, cli, 'demo', '--data', folder, ...args], {
    cwd: folder,
    env: { PATH: process.env.PATH, HOME: process.env.HOME },
  });
  child = running;
  let [stdout, stderr] = ['', ''];
  running.stdout.on('data', (chunk) => {
    stdout += chunk;
    onOutput(stdout, running);
  });
  running.stderr.on('data', (chunk) => (stderr += chunk));
  return new Promise((resolve) => {
    running.once('close', (code) => resolve({ code, stdout, stderr }));
  });
}

/** Servers that still work in the folder of this test; empty where /proc tells nothing. */
function serversLeft(): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(commandLineOf)
    .filter((line) => line.includes('postgres') && line.includes(folder));
}

function commandLineOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    return ''; // it ended meanwhile
  }
}

test(
  'finds exactly what was planted, tells Slack, and ends with 0',
  async () => {
    const ended = await demo(['--once', '--json']);
    expect(ended).toMatchObject({ code: 0, stderr: '' });
    const { runs, alerts, served } = JSON.parse(ended.stdout) as DemoDocument;
    const byRun = <Run extends { control: string; entity: string }>(list: Run[]): Run[] =>
      list.sort((a, b) => `${a.control} ${a.entity}`.localeCompare(`${b.control} ${b.entity}`));
    const found = runs.map(({ run, exceptions }) => ({
      control: run.control_id,
      entity: run.entity_id,
      outcome: run.outcome,
      findings: factsOf(exceptions.gravest),
    }));
    const wanted = expected.map(({ control, entity, outcome, findings }) => ({
      control,
      entity,
      outcome,
      findings: factsOf(findings),
    }));
    expect(byRun(found)).toEqual(byRun(wanted));
    const withExceptions = expected.filter(({ outcome }) => outcome === 'exceptions');
    expect(alerts).toMatchObject({ sent: withExceptions.length });
    expect(alerts.causes).toHaveLength(withExceptions.length);
    expect(served).toBeNull();
    expect(serversLeft()).toEqual([]);
  },
  limitMs,
);

interface DemoDocument {
  runs: {
    run: { control_id: string; entity_id: string; outcome: string };
    exceptions: { gravest: Fact[] };
  }[];
  alerts: { sent: number; causes: string[] };
  served: null;
}
interface Fact {
  code: string;
  key: Record<string, string>;
  currency: string | null;
  impact: string | null;
}

/** In one order and one written form of amounts: '486000.00' and '486000' are the same. */
const factsOf = (facts: Fact[]): string[] =>
  facts
    .map(({ code, key, currency, impact }) =>
      [code, ...Object.values(key), normalizeAmount(impact ?? '0'), currency].join(' '),
    )
    .sort();

test(
  'started again it posts nothing new, serves until Ctrl-C and leaves nothing running',
  async () => {
    let health: Promise<number> | undefined;
    let refused: Promise<number> | undefined;
    const ended = await demo([], (stdout, running) => {
      if (health !== undefined || !stdout.includes('Ctrl-C stops it.')) return;
      const url = /REST API +(\S+)/.exec(stdout)?.[1] ?? '';
      const statusOf = (route: string, init: RequestInit = {}): Promise<number> =>
        fetch(`${url}${route}`, init).then((response) => response.status);
      health = statusOf('/health/ready');
      refused = statusOf('/api/v1/runs', { method: 'POST' });
      void Promise.allSettled([health, refused]).then(() => running.kill('SIGINT'));
    });
    expect(await health).toBe(200);
    expect(await refused).toBe(401);
    expect(ended.code).toBe(0);
    expect(ended.stdout).toMatch(/as of 2026-07-06 · run 2\n/);
    expect(ended.stdout).toContain('nothing was posted');
    expect(ended.stdout.match(/tieout_[\w-]{43} {2}may write/g)).toHaveLength(1);
    expect(ended.stderr).not.toMatch(/"level":"error"|^\s+at /m);
    expect(serversLeft()).toEqual([]);
  },
  limitMs,
);

test(
  'Ctrl-C amid the runs ends it with 130, and leaves nothing running',
  async () => {
    const ended = await demo([], (stdout, running) => {
      if (stdout.includes('✓ Controls')) running.kill('SIGINT');
    });
    expect(ended.code).toBe(130);
    expect(ended.stdout).not.toContain('Summary');
    expect(serversLeft()).toEqual([]);
  },
  limitMs,
);
