import { queryError, SalesforceError } from './salesforce-error';
import {
  aggregateFunctions,
  type Aggregate,
  type AggregateFunction,
  type Comparison,
  type Condition,
  type FieldPath,
  type Literal,
  type OrderItem,
  type SelectItem,
  type SoqlQuery,
  type Term,
} from './soql-ast';
import { soqlTokens, type Token } from './soql-tokens';

/** Words that end a list of fields and so cannot be an alias. */
const RESERVED = new Set(
  (
    'select from where and or not in like group by having order asc desc nulls first last limit ' +
    'offset all rows for using with'
  ).split(' '),
);
const COMPARISONS: Readonly<Record<string, Comparison>> = {
  '=': '=',
  '!=': '!=',
  '<>': '!=',
  '<': '<',
  '<=': '<=',
  '>': '>',
  '>=': '>=',
};
const MAX_OFFSET = 2_000;
const MAX_LENGTH = 100_000;

/**
 * SOQL as a connector writes it. What Salesforce knows and this does not (subqueries, TYPEOF,
 * FIELDS(), date functions, geolocation) is refused as MALFORMED_QUERY, never half understood.
 */
export function parseSoql(soql: string): SoqlQuery {
  if (soql.length > MAX_LENGTH)
    throw new SalesforceError(400, 'QUERY_TOO_COMPLICATED', 'The query is too long.');
  return new SoqlParser(soql).parse();
}

class SoqlParser {
  private readonly tokens: Token[];
  private position = 0;

  constructor(private readonly soql: string) {
    this.tokens = soqlTokens(soql);
  }

  parse(): SoqlQuery {
    this.expectWord('select');
    const isCount = this.takeBareCount();
    const select = isCount ? [] : this.list(() => this.selectItem());
    this.expectWord('from');
    const from = this.objectName();
    this.takeWord('as');
    const alias = this.isName() ? this.name().text : null;
    const where = this.takeWord('where') ? this.condition() : null;
    const groupBy = this.takeWords('group', 'by') ? this.list(() => this.fieldPath()) : [];
    const having = this.takeWord('having') ? this.condition() : null;
    const orderBy = this.takeWords('order', 'by') ? this.list(() => this.orderItem()) : [];
    const limit = this.takeWord('limit') ? this.wholeNumber() : null;
    const offset = this.takeWord('offset') ? this.offset() : 0;
    const allRows = this.takeWords('all', 'rows');
    if (this.peek().kind !== 'end') this.fail(this.peek());
    return {
      text: this.soql,
      isCount,
      select,
      object: from.text,
      objectAt: from.at,
      alias,
      where,
      groupBy,
      having,
      orderBy,
      limit,
      offset,
      allRows,
    };
  }

  private takeBareCount(): boolean {
    const start = this.position;
    if (this.takeWord('count') && this.takeSymbol('(') && this.takeSymbol(')')) return true;
    this.position = start;
    return false;
  }

  private selectItem(): SelectItem {
    const term = this.term();
    return { term, alias: this.isName() ? this.name().text : null };
  }

  private term(): Term {
    const token = this.peek();
    const following = this.tokens[this.position + 1];
    if (token.kind !== 'word' || following?.text !== '(' || following.kind !== 'symbol')
      return this.fieldPath();
    const call = aggregateFunctions.find((known) => known === token.text.toUpperCase());
    if (call === undefined) this.fail(token);
    return this.aggregate(call);
  }

  private aggregate(call: AggregateFunction): Aggregate {
    const { at } = this.next();
    this.expectSymbol('(');
    const field = this.fieldPath();
    this.expectSymbol(')');
    return { kind: 'aggregate', call, field, at };
  }

  private fieldPath(): FieldPath {
    const { text, at } = this.name();
    return { kind: 'field', path: text.split('.'), at };
  }

  /** OR and AND may not stand side by side without parentheses, as in Salesforce. */
  private condition(): Condition {
    const first = this.factor();
    const word = this.isWord('and') ? 'and' : this.isWord('or') ? 'or' : null;
    if (word === null) return first;
    const parts = [first];
    while (this.takeWord(word)) parts.push(this.factor());
    if (this.isWord('and') || this.isWord('or')) this.fail(this.peek());
    return { kind: word, parts };
  }

  private factor(): Condition {
    if (this.takeWord('not')) return { kind: 'not', part: this.factor() };
    if (this.takeSymbol('(')) {
      const inner = this.condition();
      this.expectSymbol(')');
      return inner;
    }
    return this.comparison();
  }

  private comparison(): Condition {
    const { at } = this.peek();
    const term = this.term();
    if (this.takeWord('like'))
      return { kind: 'compare', term, comparison: 'LIKE', values: [this.literal()], at };
    if (this.takeWord('in'))
      return { kind: 'compare', term, comparison: 'IN', values: this.literals(), at };
    if (this.takeWords('not', 'in'))
      return { kind: 'compare', term, comparison: 'NOT IN', values: this.literals(), at };
    const token = this.next();
    const comparison = token.kind === 'symbol' ? COMPARISONS[token.text] : undefined;
    if (comparison === undefined) this.fail(token);
    return { kind: 'compare', term, comparison, values: [this.literal()], at };
  }

  private literals(): Literal[] {
    this.expectSymbol('(');
    const values = this.list(() => this.literal());
    this.expectSymbol(')');
    return values;
  }

  private literal(): Literal {
    const token = this.next();
    const { text, at } = token;
    switch (token.kind) {
      case 'text':
        return { kind: 'text', text, at };
      case 'number':
        return { kind: 'number', text, at };
      case 'date':
        return { kind: 'date', day: text, at };
      case 'datetime':
        return { kind: 'datetime', ms: Date.parse(text), at };
      case 'word':
        return this.wordLiteral(token);
      case 'symbol':
      case 'end':
        return this.fail(token);
    }
  }

  private wordLiteral(token: Token): Literal {
    const word = token.text.toLowerCase();
    if (word === 'null') return { kind: 'null', at: token.at };
    if (word === 'true' || word === 'false')
      return { kind: 'boolean', value: word === 'true', at: token.at };
    const count = this.takeSymbol(':') ? this.wholeNumber() : 0;
    return { kind: 'range', name: word.toUpperCase(), count, at: token.at };
  }

  private orderItem(): OrderItem {
    const term = this.term();
    const descending = this.takeWord('desc');
    if (!descending) this.takeWord('asc');
    if (!this.takeWord('nulls')) return { term, descending, nullsFirst: !descending };
    const nullsFirst = this.takeWord('first');
    if (!nullsFirst) this.expectWord('last');
    return { term, descending, nullsFirst };
  }

  private offset(): number {
    const offset = this.wholeNumber();
    if (offset > MAX_OFFSET)
      throw new SalesforceError(
        400,
        'NUMBER_OUTSIDE_VALID_RANGE',
        `Maximum SOQL offset allowed is ${MAX_OFFSET}`,
      );
    return offset;
  }

  private wholeNumber(): number {
    const token = this.next();
    if (token.kind !== 'number' || !/^\d+$/.test(token.text)) this.fail(token);
    return Number(token.text);
  }

  private list<T>(item: () => T): T[] {
    const items = [item()];
    while (this.takeSymbol(',')) items.push(item());
    return items;
  }

  private name(): Token {
    const token = this.next();
    if (token.kind !== 'word' || RESERVED.has(token.text.toLowerCase())) this.fail(token);
    return token;
  }

  /** Order and Group are objects although they are words of the language. */
  private objectName(): Token {
    const token = this.next();
    if (token.kind !== 'word') this.fail(token);
    return token;
  }

  private isName(): boolean {
    const token = this.peek();
    return token.kind === 'word' && !RESERVED.has(token.text.toLowerCase());
  }

  private peek(): Token {
    return this.tokens[this.position] ?? { kind: 'end', text: '<EOF>', at: this.soql.length };
  }

  private next(): Token {
    const token = this.peek();
    this.position += 1;
    return token;
  }

  private isWord(word: string): boolean {
    const token = this.peek();
    return token.kind === 'word' && token.text.toLowerCase() === word;
  }

  private takeWord(word: string): boolean {
    if (!this.isWord(word)) return false;
    this.position += 1;
    return true;
  }

  private takeWords(first: string, second: string): boolean {
    if (!this.takeWord(first)) return false;
    this.expectWord(second);
    return true;
  }

  private expectWord(word: string): void {
    if (!this.takeWord(word)) this.fail(this.peek());
  }

  private takeSymbol(symbol: string): boolean {
    const token = this.peek();
    if (token.kind !== 'symbol' || token.text !== symbol) return false;
    this.position += 1;
    return true;
  }

  private expectSymbol(symbol: string): void {
    if (!this.takeSymbol(symbol)) this.fail(this.peek());
  }

  private fail(token: Token): never {
    throw queryError('MALFORMED_QUERY', this.soql, token.at, `unexpected token: '${token.text}'`);
  }
}
