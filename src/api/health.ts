import { randomUUID } from 'node:crypto';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import * as path from 'node:path';
import type { Knex } from 'knex';
import { Refusal, type Problem } from '../core/problem';
import { errorCode } from '../platform/database/error-code';

const patienceMs = 3_000;

export interface HealthParts {
  app: Knex;
  evidenceDir: string;
  migrationsDir: string;
}

/** Why the server cannot work now, cause by cause. */
export class NotReady extends Refusal {
  constructor(readonly problems: readonly Problem[]) {
    super('not_ready', problems.map(({ message }) => message).join(' '));
  }
}

/** Tells what keeps this process from doing its work; nothing when it is ready. */
export class Health {
  private looking: Promise<Problem[]> | null = null;

  constructor(private readonly parts: HealthParts) {}

  /**
   * Within about three seconds, whatever hangs. Names settings and codes, never addresses. Whoever
   * asks meanwhile shares the answer, since anybody may ask.
   */
  problems(): Promise<Problem[]> {
    this.looking ??= this.look().finally(() => {
      this.looking = null;
    });
    return this.looking;
  }

  private async look(): Promise<Problem[]> {
    const found = await Promise.all([this.database(), this.evidence()]);
    return found.filter((problem) => problem !== null);
  }

  private async database(): Promise<Problem | null> {
    try {
      const query = this.parts.app
        .raw<{ rows: { name: string }[] }>('select name from tieout.migrations')
        .timeout(patienceMs);
      const applied = new Set((await query).rows.map(({ name }) => name));
      const files = await readdir(this.parts.migrationsDir);
      const missing = files.filter((name) => name.endsWith('.sql') && !applied.has(name));
      if (missing.length === 0) return null;
      return {
        field: 'database',
        message: `The database lacks ${missing.length} of the migrations of this release.`,
        remedy: 'Start the server anew: it applies them first.',
      };
    } catch (error) {
      return {
        field: 'database',
        message: `The database does not answer (${errorCode(error) ?? 'no code'}).`,
        remedy: 'See that it runs and can be reached; `tieout doctor` looks closer.',
      };
    }
  }

  private async evidence(): Promise<Problem | null> {
    const file = path.join(this.parts.evidenceDir, `.writable-${randomUUID()}`);
    try {
      await mkdir(this.parts.evidenceDir, { recursive: true });
      await writeFile(file, '');
      return null;
    } catch (error) {
      return {
        field: 'data_dir',
        message: `The evidence store cannot be written (${errorCode(error) ?? 'no code'}).`,
        remedy: 'See that the disk has room and that the folder belongs to this account.',
      };
    } finally {
      await rm(file, { force: true }).catch(() => undefined);
    }
  }
}
