import { spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { demoClose } from '../../src/sandbox/northwind/demo-wish';
import { readTruth } from '../../src/sandbox/northwind/read-truth';

const root = path.join(__dirname, '..', '..');
const limitMs = 600_000;

/** Controls whose findings in the demo are known to the item; others must give a verdict. */
const exact = [
  ...['BK-01', 'BK-02', 'BK-06', 'CA-01', 'CA-02', 'CA-03', 'CA-04', 'CA-05', 'IN-01', 'IN-02'],
  ...['SU-01', 'US-02'],
];

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
    const { runs, planted, unplanned, alerts, served } = JSON.parse(ended.stdout) as DemoDocument;
    const truth = readTruth(companyFolder()).expected;
    const codes = (of: { code: string }[]): string[] => of.map(({ code }) => code).sort();
    const found = runs
      .filter(({ run }) => exact.includes(run.control_id))
      .flatMap(({ exceptions }) => exceptions.gravest);
    const meant = truth.filter(({ control }) => exact.includes(control));
    expect(meant.length).toBeGreaterThan(15);
    // As many as were planted, with their codes, and each planted one at its key.
    expect(codes(found)).toEqual(codes(meant));
    const at = planted.flatMap((one) => one.codes);
    for (const { code } of meant)
      expect(at.filter((one) => one.code === code)).toContainEqual({ code, isFound: true });
    expect(at.filter(({ code, isFound }) => !isFound && codes(meant).includes(code))).toEqual([]);
    expect(runs.filter(({ run }) => run.outcome === 'errored')).toEqual([]);
    expect(planted.length).toBeGreaterThan(6);
    expect(unplanned).toEqual([]);
    const posted = runs.filter(({ run }) => run.outcome !== 'passed');
    expect(alerts).toMatchObject({ sent: posted.length });
    expect(alerts.causes).toHaveLength(posted.length);
    expect(served).toBeNull();
    expect(serversLeft()).toEqual([]);
  },
  limitMs,
);

/** The world that the demo made, in the folder of its own. */
function companyFolder(): string {
  const [only, ...others] = readdirSync(folder);
  if (only === undefined || others.length > 0)
    throw new Error('the demo made no folder, or several');
  return path.join(folder, only, 'company');
}

interface DemoDocument {
  runs: {
    run: { control_id: string; entity_id: string; outcome: string };
    exceptions: { gravest: Fact[] };
  }[];
  unplanned: { control: string; findings: number }[];
  planted: { injection: string; codes: { code: string; isFound: boolean }[] }[];
  alerts: { sent: number; causes: string[] };
  served: null;
}
interface Fact {
  code: string;
}

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
    expect(ended.stdout).toContain(`as of ${demoClose.asOf} · run 2\n`);
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
