import { bindParameters, rewriteReferences, type ParameterValue } from '../core/bind-parameters';
import { isTieOut, keywordOf, type Procedure, type Side } from '../core/control';
import { matchConditions } from '../core/plan-match';
import type { Problem } from '../core/problem';
import { quoteName } from '../core/sql-text';
import type { DuckDb } from '../platform/duckdb';
import { columnRules } from '../sources/files/column-rules';
import { isImpactName, sidesPresent } from './check-control';
import { duckError, kindOf, type PopulationColumn } from './describe-population';
import { placeholdersOf } from './explain-template';
import { guardExpression, type ColumnReference } from './guard-sql';
import { didYouMean } from './suggest';
import type { YamlFile } from './yaml-file';

/** The columns of each side of a procedure that could be described. */
export type SideColumns = Map<Side, readonly PopulationColumn[]>;

type Path = readonly (string | number)[];

/** Holds conditions, impacts and explanations against the columns their sides return. */
export class ExpressionCheck {
  constructor(
    private readonly means: {
      duck: DuckDb;
      yaml: YamlFile;
      values: Record<string, ParameterValue>;
      columns: SideColumns;
    },
  ) {}

  async check(procedure: Procedure, at: Path): Promise<Problem[]> {
    const problems: Problem[] = [];
    for (const [i, finding] of procedure.findings.entries()) {
      const own = [...at, 'findings', i];
      const sides = sidesPresent(procedure, finding);
      if (keywordOf(finding) === null)
        problems.push(...(await this.typed(finding.when, sides, [...own, 'when'])));
      if (finding.impact !== undefined && !isImpactName(finding.impact))
        problems.push(...(await this.typed(finding.impact, sides, [...own, 'impact'])));
    }
    const passes = (isTieOut(procedure) ? procedure.match?.passes : undefined) ?? [];
    for (const [i, pass] of passes.entries())
      for (const text of matchConditions(pass)) {
        const own = [...at, 'match', 'passes', i, 'on', pass.on.indexOf(text)];
        problems.push(...(await this.typed(text, ['left', 'right'], own)));
      }
    for (const [code, template] of Object.entries(procedure.explain))
      problems.push(
        ...this.unknown(placeholdersOf(template).placeholders, [...at, 'explain', code]),
      );
    return problems;
  }

  /** References that no side returns. */
  private unknown(references: readonly ColumnReference[], at: Path): Problem[] {
    const { columns, yaml } = this.means;
    return references.flatMap(({ side, column }) => {
      const known = columns.get(side);
      if (!known || known.some(({ name }) => name === column)) return [];
      return [missingColumn(yaml, at, side, column, known)];
    });
  }

  /** Unknown columns; and when there are none, what DuckDB says to the types. */
  private async typed(text: string, sides: readonly Side[], at: Path): Promise<Problem[]> {
    const { duck, yaml, values, columns } = this.means;
    const [file, field] = [yaml.file, yaml.field(at)];
    const { references, problems } = await guardExpression(text, { sides, file, field });
    const unknown = [...problems, ...this.unknown(references, at)];
    const bindable = sides.every((side) =>
      columns.get(side)?.every((column) => column.type !== null),
    );
    if (unknown.length > 0 || !bindable) return unknown;
    const tables = sides.map((side) => `${quoteName(side)} as (${emptySide(columns.get(side))})`);
    const bound = bindParameters(text, values);
    const value = rewriteReferences(bound, (side, name) => `${quoteName(side)}.${quoteName(name)}`);
    const from = sides.map(quoteName).join(', ');
    try {
      const [described] = await duck.describe(
        `with ${tables.join(', ')} select (${value}) as v from ${from}`,
      );
      return this.wrongType(described?.type ?? '', at);
    } catch (cause) {
      const { message } = duckError(cause, `checking the expression of ${field} in ${file}`);
      return [yaml.problem(at, message, 'Correct the expression, or cast in the SQL of its side.')];
    }
  }

  private wrongType(type: string, at: Path): Problem[] {
    const { yaml } = this.means;
    const condition = at.at(-1) !== 'impact';
    const kind = kindOf(type);
    if (condition ? kind === 'boolean' : kind === 'decimal' || kind === 'integer') return [];
    return condition
      ? [yaml.problem(at, `gives ${type}, not true or false.`, 'Write a condition.')]
      : [yaml.problem(at, `gives ${type}, not an exact amount.`, 'Write an amount over columns.')];
  }
}

function emptySide(columns: readonly PopulationColumn[] = []): string {
  const values = columns.map(({ name, type }) => {
    return `null::${type === null ? 'VARCHAR' : columnRules[type].sqlType} as ${quoteName(name)}`;
  });
  return `select ${values.join(', ')}`;
}

/** Says that a side has no such column, and which one may have been meant. */
export function missingColumn(
  yaml: YamlFile,
  at: Path,
  side: Side,
  name: string,
  known: readonly PopulationColumn[],
): Problem {
  const names = known.map((column) => column.name);
  return yaml.problem(
    at,
    `names ${side}.${name}, which its SQL does not return.${didYouMean(name, names)}`,
    `Use one of ${names.join(', ')}, or return ${name}.`,
  );
}
