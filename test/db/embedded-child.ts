import { readFileSync } from 'node:fs';
import * as path from 'node:path';
import {
  startEmbeddedPostgres,
  superuserClient,
} from '../../src/platform/database/embedded-postgres';

/**
 * A process of its own that starts or joins the server in a folder, prints one line of JSON about
 * it, and leaves it when its standard input ends. Arguments: folder, and the uid and gid to become.
 */
async function main(): Promise<void> {
  const [folder = '', uid, gid] = process.argv.slice(2);
  if (uid !== undefined && gid !== undefined) {
    process.setgroups?.([]);
    process.setgid?.(Number(gid));
    process.setuid?.(Number(uid));
  }
  const server = await startEmbeddedPostgres(folder, { settings: { fsync: 'off' } });
  const client = superuserClient(server.connection, 'postgres');
  await client.connect();
  const { rows } = await client.query<{ data: string; checksums: string }>(
    `select current_setting('data_directory') as data,
            current_setting('data_checksums') as checksums`,
  );
  await client.end();
  const data = rows[0]?.data ?? '';
  const pid = Number(readFileSync(path.join(data, 'postmaster.pid'), 'utf8').split('\n')[0]);
  process.stdout.write(`${JSON.stringify({ ...rows[0], pid, location: server.location })}\n`);
  process.stdin.resume();
  process.stdin.once('end', () => void server.stop().then(() => process.exit(0)));
}

void main();
