import type { Database } from '../platform/database/open-database';
import type { DeriveJob } from './derive-batch';
import { deriveBooks, type Derivation, type DeriveMeans } from './derive-books';

/**
 * Derives the books of one account while more of it is read: what is landed waits for no more than
 * what was landed before it. Whoever names extracts names those of a whole lot, so that no object
 * is derived between its parts and itself.
 */
export class DerivingBeside<Context> {
  private waiting: string[] = [];
  private running: Promise<void> | null = null;
  private failed: { cause: unknown } | null = null;
  private readonly done: Derivation[] = [];

  constructor(
    private readonly database: Pick<Database, 'app'>,
    private readonly job: DeriveJob<Context>,
    private readonly means: DeriveMeans,
  ) {}

  /** Has these extracts, if any, derived. Throws what an earlier derivation failed with. */
  add(extractIds: readonly string[]): void {
    if (this.failed !== null) throw this.failed.cause;
    this.waiting.push(...extractIds);
    // With nothing to do it would end before it is known to run, and count as running ever after.
    if (this.waiting.length > 0) this.running ??= this.run();
  }

  /** Derives everything that is not yet, an earlier sync's too; gives what was since the last. */
  async finish(): Promise<Derivation[]> {
    await this.settle();
    if (this.failed !== null) throw this.failed.cause;
    this.done.push(...(await deriveBooks(this.database, this.job, this.means)));
    return this.done.splice(0);
  }

  /** Waits for what is under way, and begins nothing more. */
  async settle(): Promise<void> {
    this.waiting = [];
    await this.running;
  }

  private async run(): Promise<void> {
    try {
      while (this.waiting.length > 0) {
        const extractIds = this.waiting.splice(0);
        this.done.push(...(await deriveBooks(this.database, this.job, this.means, extractIds)));
      }
    } catch (cause) {
      this.failed = { cause };
    } finally {
      this.running = null;
    }
  }
}
