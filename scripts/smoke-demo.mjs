// Starts the demo as a visitor would, waits until its server answers, and stops it as Ctrl-C would.
import { spawn } from 'node:child_process';
import { setTimeout as wait } from 'node:timers/promises';

const limitMs = 240_000;
const began = performance.now();
const demo = spawn('npm', ['run', 'demo'], {
  stdio: ['ignore', 'pipe', 'inherit'],
  detached: true,
});
let output = '';
demo.stdout.on('data', (chunk) => {
  output += chunk;
  process.stdout.write(chunk);
});
const ended = new Promise((resolve) =>
  demo.once('exit', (code, signal) => resolve(code ?? signal)),
);

/** True once the address that the demo prints answers that it is ready. */
async function isServing() {
  const address = /http:\/\/(127\.0\.0\.1|localhost):\d+/.exec(output)?.[0];
  if (address === undefined) return false;
  return fetch(`${address}/health/ready`).then(
    (response) => response.ok,
    () => false,
  );
}

let serving = false;
while (!serving && demo.exitCode === null && performance.now() - began < limitMs) {
  serving = await isServing();
  if (!serving) await wait(200);
}
const seconds = Math.round((performance.now() - began) / 1000);
if (demo.exitCode === null) process.kill(-demo.pid, 'SIGINT');
const status = await Promise.race([ended, wait(20_000, 'nothing for 20 s', { ref: false })]);
if (demo.exitCode === null && demo.signalCode === null) process.kill(-demo.pid, 'SIGKILL');

const stopped = status === 0 || status === 130 || status === 'SIGINT';
process.stdout.write(`demo: serving ${serving} after ${seconds} s; ended with ${status}\n`);
process.exitCode = serving && stopped ? 0 : 1;
