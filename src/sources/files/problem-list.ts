import { InvalidInput, type Problem } from '../../core/problem';

/** Problems told in full per dataset; those beyond are counted. */
export const MAX_PROBLEMS_SHOWN = 20;

/** Gathers every problem of one dataset, remembering the first and counting the rest. */
export class ProblemList {
  private readonly shown: Problem[] = [];
  private total = 0;

  add(problem: Problem): void {
    this.total += 1;
    if (this.shown.length < MAX_PROBLEMS_SHOWN) this.shown.push(problem);
  }

  /** Counts problems that nobody needs to see one by one. */
  addUntold(count: number): void {
    this.total += count;
  }

  /** How many there are so far, told or not. */
  get count(): number {
    return this.total;
  }

  /** Throws InvalidInput when anything was gathered, in line order within each file. */
  throwIfAny(subject: string): void {
    if (this.total === 0) return;
    const files = [...new Set(this.shown.map((problem) => problem.file))];
    const problems = [...this.shown].sort(
      (a, b) => files.indexOf(a.file) - files.indexOf(b.file) || (a.line ?? 0) - (b.line ?? 0),
    );
    const left = this.total - this.shown.length;
    if (left > 0) {
      problems.push({
        file: problems[problems.length - 1]?.file,
        message: `and ${left} more ${left === 1 ? 'problem' : 'problems'}.`,
        remedy: 'Correct these first, then read the file again.',
      });
    }
    throw new InvalidInput(subject, problems);
  }
}
