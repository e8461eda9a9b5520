import { guardExpression } from './guard-sql';

describe('the expression of a finding', () => {
  const place = { sides: ['left', 'right'] as const, file: 'c.yaml', line: 7, field: 'when' };

  test('names columns of its sides, each once', async () => {
    const text =
      "left.currency <> right.currency and lower(left.name) like 'a%' and right.x is null";
    const { references, problems } = await guardExpression(text, place);
    expect(problems).toEqual([]);
    expect(references).toEqual([
      { side: 'left', column: 'currency' },
      { side: 'right', column: 'currency' },
      { side: 'left', column: 'name' },
      { side: 'right', column: 'x' },
    ]);
  });

  test('may use the functions left() and right(), and parameters', async () => {
    const text = 'left(left.name, 2) = right(right.name, 2) and left.due_on < :as_of';
    const { parameters, problems } = await guardExpression(text, place);
    expect([problems, parameters]).toEqual([[], ['as_of']]);
  });

  const refused: [text: string, because: RegExp][] = [
    ['left.a = 1; drop table books.x', /semicolon/],
    ['left.a = 1) , (select 1', /not valid SQL/],
    ['left.a, right.a', /not one expression/],
    ['left.a from books.x', /not one expression/],
    ['left.a as b', /not one expression/],
    ['left.a union select 1', /not one expression/],
    ['left.*', /not valid SQL/],
    ['item.*', /does not name a column/],
    ['amount > 1', /'amount' does not name a column of left or right/],
    ['item.a > 1', /'item.a' does not name/],
    ['books.x.a > 1', /'books.x.a' does not name/],
    ['exists (select 1 from books.x)', /cannot hold a query/],
    ['left.a in (select b from books.x)', /cannot hold a query/],
    ['sum(left.a) > 1', /looks at many rows/],
    ['row_number() over (order by left.a) = 1', /looks at many rows/],
    ['left.a > now()', /now\(\)/],
    ['left.a / right.a > 0.01', /binary floating point/],
    ['left.a::numeric > 1', /three decimals/],
    ['left.a between 1 and 2', /BETWEEN/],
    ['left.a = 1 -- why', /comment/],
    ['left.a = 1 /* why */', /comment/],
    ["getenv('HOME') = left.a", /getenv\(\)/],
    ['', /not one expression|not valid/],
    ['left.a >', /not valid SQL/],
  ];
  test.each(refused)('is refused: %s', async (text, because) => {
    const { problems } = await guardExpression(text, place);
    expect(problems.map((problem) => problem.message).join('\n')).toMatch(because);
    expect(problems[0]).toMatchObject({ file: 'c.yaml', line: 7, field: 'when' });
  });
});
