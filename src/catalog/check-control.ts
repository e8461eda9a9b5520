import {
  codePrefix,
  findingKeywords,
  isTieOut,
  keywordOf,
  looksEarly,
  sidesOf,
  type Control,
  type Finding,
  type FindingKeyword,
  type Procedure,
  type Side,
  type TieOut,
} from '../core/control';
import { parameterValueOf } from '../core/bind-parameters';
import type { Problem } from '../core/problem';
import { plannedFindings } from '../core/plan';
import { matchConditions } from '../core/plan-match';
import { passProblems } from './check-passes';
import { placeholdersOf } from './explain-template';
import { guardExpression } from './guard-sql';
import { didYouMean } from './suggest';
import type { YamlFile } from './yaml-file';

type Path = readonly (string | number)[];

/** Impacts that are names, not expressions. `left.amount` is the declared amount of that side. */
export const impactNames = ['left.amount', 'right.amount', 'item.amount', 'difference'] as const;

/** True when an impact is one of the names; otherwise it is an SQL expression. */
export const isImpactName = (impact: string): boolean =>
  impactNames.some((name) => name === impact);

/** Sides that exist whenever a finding is made: only left, for what is left only. */
export function sidesPresent(procedure: Procedure, finding: Finding): Side[] {
  if (!isTieOut(procedure)) return ['item'];
  const keyword = keywordOf(finding);
  if (keyword === 'left_only' || keyword === 'duplicate_left') return ['left'];
  return keyword === 'right_only' || keyword === 'duplicate_right' ? ['right'] : ['left', 'right'];
}

/**
 * What the schema alone cannot tell about a control: everything in it that contradicts itself.
 * `parameters` are those its expressions use.
 */
export async function checkControl(
  control: Control,
  yaml: YamlFile,
): Promise<{ problems: Problem[]; parameters: { name: string; at: Path }[] }> {
  const check = new ControlCheck(control, yaml);
  await check.all();
  return { problems: check.problems, parameters: check.parameters };
}

class ControlCheck {
  readonly problems: Problem[] = [];
  readonly parameters: { name: string; at: Path }[] = [];
  private readonly codes = new Set<string>();

  constructor(
    private readonly control: Control,
    private readonly yaml: YamlFile,
  ) {}

  async all(): Promise<void> {
    if (this.control.period !== undefined && !looksEarly(this.control))
      this.add(
        ['period'],
        `is not longer than the frequency, ${this.control.frequency}.`,
        'Leave it out: then they are the same.',
      );
    const names = this.control.procedures.map((procedure) => procedure.name);
    for (const [name, value] of Object.entries(this.control.parameters)) {
      if (typeof value === 'string' && /[\0\n\r]/.test(parameterValueOf(value).value))
        this.add(['parameters', name], 'holds a line break.', 'Write it on one line.');
    }
    for (const [i, procedure] of this.control.procedures.entries()) {
      const at = ['procedures', i];
      if (names.indexOf(procedure.name) < i)
        this.add([...at, 'name'], `'${procedure.name}' is used twice.`, 'Rename one of them.');
      this.keys(procedure, at);
      if (isTieOut(procedure)) this.tieOut(procedure, at);
      if (isTieOut(procedure)) await this.passes(procedure, at);
      for (const [j, finding] of procedure.findings.entries())
        await this.finding(procedure, finding, [...at, 'findings', j]);
      this.explain(procedure, [...at, 'explain']);
    }
  }

  private add(at: Path, message: string, remedy: string): void {
    this.problems.push(this.yaml.problem(at, message, remedy));
  }

  private keys({ key }: Procedure, at: Path): void {
    key.forEach((column, i) => {
      if (key.indexOf(column) < i)
        this.add([...at, 'key', i], `'${column}' stands twice in the key.`, 'Remove one.');
    });
  }

  private tieOut(procedure: TieOut, at: Path): void {
    const prefix = codePrefix(this.control.id);
    const needed: [FindingKeyword, string][] = [
      ['left_only', procedure.amount ? ', impact: left.amount' : ''],
      ['right_only', procedure.amount ? ', impact: right.amount' : ''],
      ...(procedure.amount
        ? ([['amount_differs', ', impact: difference']] satisfies [FindingKeyword, string][])
        : []),
    ];
    for (const [keyword, impact] of needed) {
      if (procedure.findings.some((finding) => keywordOf(finding) === keyword)) continue;
      const line = `- { code: ${prefix}-${keyword.toUpperCase()}, when: ${keyword}${impact} }`;
      this.add(
        [...at, 'findings'],
        `has none for ${keyword}, so such items would have no finding.`,
        `Add ${line}. Where they are as they should be, write an assertion instead: one ` +
          'population that joins what it needs of the other.',
      );
    }
  }

  private async passes(procedure: TieOut, at: Path): Promise<void> {
    const passes = procedure.match?.passes ?? [];
    for (const [i, pass] of passes.entries()) {
      const own = [...at, 'match', 'passes', i];
      for (const { field, message, remedy } of passProblems(procedure, i))
        this.add([...own, field], message, remedy);
      for (const [j, text] of pass.on.entries())
        if (matchConditions(pass).includes(text))
          await this.expression(procedure, text, [...own, 'on', j], ['left', 'right']);
    }
  }

  private async finding(procedure: Procedure, finding: Finding, at: Path): Promise<void> {
    this.code(procedure, finding, at);
    const keyword = keywordOf(finding);
    if (keyword !== null) this.keyword(procedure, keyword, finding, at);
    else
      await this.expression(
        procedure,
        finding.when,
        [...at, 'when'],
        sidesPresent(procedure, finding),
      );
    if (finding.drifted_at !== undefined && isTieOut(procedure))
      this.add([...at, 'drifted_at'], 'needs an item that changed.', 'Use it in an assertion.');
    if (finding.impact === undefined) return;
    if (procedure.amount === undefined) {
      // No currency, so nobody could say whose money an expression's number is.
      const message = `is ${finding.impact}, but the procedure has no amount.`;
      this.add([...at, 'impact'], message, 'Declare amount, or leave out impact and set severity.');
      return;
    }
    if (isImpactName(finding.impact)) this.impact(procedure, finding, [...at, 'impact']);
    else
      await this.expression(
        procedure,
        finding.impact,
        [...at, 'impact'],
        sidesPresent(procedure, finding),
      );
  }

  private code(procedure: Procedure, { code }: Finding, at: Path): void {
    const prefix = `${codePrefix(this.control.id)}-`;
    if (!code.startsWith(prefix))
      this.add([...at, 'code'], `does not begin with ${prefix}.`, `Begin it with ${prefix}.`);
    if (this.codes.has(code))
      this.add([...at, 'code'], `'${code}' is used twice.`, 'Give each finding its own code.');
    this.codes.add(code);
    if (this.automatic(procedure).some((finding) => finding.code === code))
      this.add(
        [...at, 'code'],
        `'${code}' is the code of a finding that is made without being declared.`,
        'Give this finding another code.',
      );
  }

  /** Findings of repeated keys and differing currencies, which nobody has to declare. */
  private automatic(procedure: Procedure): Finding[] {
    return plannedFindings(procedure, codePrefix(this.control.id))
      .map(({ finding }) => finding)
      .filter((finding) => !procedure.findings.includes(finding));
  }

  private keyword(procedure: Procedure, keyword: FindingKeyword, own: Finding, at: Path): void {
    const add = (message: string, remedy: string): void =>
      this.add([...at, 'when'], message, remedy);
    if (!isTieOut(procedure)) {
      add(
        `is ${keyword}, which needs two populations.`,
        'Write a condition on the item, such as item.amount < 0.',
      );
      return;
    }
    if (keyword === 'ambiguous' && !procedure.match)
      add('is ambiguous, but no passes match here.', 'Declare match, or remove this finding.');
    const same = procedure.findings.filter((finding) => keywordOf(finding) === keyword);
    if (same[0] !== own)
      add(`${keyword} has two findings, and only one can be made.`, 'Remove one of them.');
    if (keyword.endsWith('_differs') && !procedure.amount)
      add(`is ${keyword}, but the procedure has no amount.`, 'Declare amount, or remove this.');
    const many = { duplicate_left: 'many_to', duplicate_right: 'to_many' } as const;
    if (keyword !== 'duplicate_left' && keyword !== 'duplicate_right') return;
    if (procedure.cardinality.includes(many[keyword]))
      add(
        `is ${keyword}, but ${procedure.cardinality} allows a key many times on that side.`,
        'Remove this finding, or declare that side as one.',
      );
  }

  private impact(procedure: Procedure, finding: Finding, at: Path): void {
    const impact = finding.impact ?? '';
    const side = impact.split('.')[0];
    const sides: readonly string[] = sidesPresent(procedure, finding);
    if (impact === 'difference' ? isTieOut(procedure) : sides.includes(side ?? '')) return;
    this.add(
      at,
      `is ${impact}, which does not exist when ${finding.when}.`,
      `Use ${sides.map((name) => `${name}.amount`).join(' or ')}.`,
    );
  }

  private async expression(
    procedure: Procedure,
    text: string,
    at: Path,
    sides: readonly Side[],
  ): Promise<void> {
    const { file } = this.yaml;
    const place = { sides, file, line: this.yaml.line(at), field: this.yaml.field(at) };
    if (/^[a-z_]+$/.test(text) && isTieOut(procedure)) {
      const meant = didYouMean(text, findingKeywords);
      this.add(at, `'${text}' is not a keyword.${meant}`, `Use ${findingKeywords.join(', ')}.`);
      return;
    }
    const { problems, parameters } = await guardExpression(text, place);
    this.problems.push(...problems);
    this.parameters.push(...parameters.map((name) => ({ name, at })));
  }

  private explain(procedure: Procedure, at: Path): void {
    const all = sidesOf(procedure).map(({ side }) => side);
    for (const [code, template] of Object.entries(procedure.explain)) {
      const findings = [...procedure.findings, ...this.automatic(procedure)];
      const finding = findings.find((candidate) => candidate.code === code);
      const codes = findings.map((candidate) => candidate.code);
      if (!finding)
        this.add(
          [...at, code],
          `explains '${code}', which is not a finding here.${didYouMean(code, codes)}`,
          'Use the code of a finding of this procedure.',
        );
      const sides = finding ? sidesPresent(procedure, finding) : all;
      const { placeholders, unreadable } = placeholdersOf(template);
      const when = (side: Side): string => (all.includes(side) ? 'item then' : 'here');
      const shown = `Use ${sides.map((side) => `{${side}.column}`).join(' or ')}.`;
      for (const text of unreadable)
        this.add([...at, code], `holds '${text}', which is not replaced by anything.`, shown);
      for (const { side, column } of placeholders)
        if (!sides.includes(side))
          this.add(
            [...at, code],
            `holds {${side}.${column}}, and there is no ${side} ${when(side)}.`,
            shown,
          );
    }
  }
}
