// The folder of the one Postgres server that all specs of a test run share. Nothing is started
// here: the first spec that needs a database starts it, so a run without any pays nothing.
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

// As root, a place that the server's own account can reach.
const parent = process.getuid?.() === 0 ? '/tmp' : os.tmpdir();
const prefix = 'tieout-test-';
const stopTimeoutMs = 20_000;

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

function folderOfRun(pid) {
  return path.join(parent, `${prefix}${pid}`);
}

/** Stops the server of a run, if there is one, and removes its data. Never waits without end. */
async function removeRun(folder) {
  const pidFile = path.join(folder, 'data', 'postmaster.pid');
  if (fs.existsSync(pidFile)) {
    const pid = Number(fs.readFileSync(pidFile, 'utf8').split('\n')[0]);
    if (isAlive(pid)) process.kill(pid, 'SIGINT');
    const until = Date.now() + stopTimeoutMs;
    while (fs.existsSync(pidFile) && isAlive(pid) && Date.now() < until) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
  fs.rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}

/** Runs that were killed could not clean up: their folders carry the pid of a process now dead. */
async function removeDeadRuns() {
  for (const name of fs.readdirSync(parent)) {
    const pid = Number(new RegExp(`^${prefix}(\\d+)$`).exec(name)?.[1]);
    if (pid && !isAlive(pid)) await removeRun(path.join(parent, name));
  }
}

module.exports = { folderOfRun, removeRun, removeDeadRuns };
