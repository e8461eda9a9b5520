import type { ReactNode } from 'react';

/** Of a column: numbers stand to the right; a title may be for those alone who do not see it. */
type ColumnTitle = string | { right: string } | { unseen: string };

/** The head of a table whose columns are known. */
export function TableHead({ columns }: { columns: readonly ColumnTitle[] }): ReactNode {
  return (
    <thead>
      <tr>
        {columns.map((column) => (
          <Title key={typeof column === 'string' ? column : keyOf(column)} column={column} />
        ))}
      </tr>
    </thead>
  );
}

const keyOf = (column: Exclude<ColumnTitle, string>): string =>
  'right' in column ? column.right : column.unseen;

function Title({ column }: { column: ColumnTitle }): ReactNode {
  if (typeof column === 'string') return <th scope="col">{column}</th>;
  if ('unseen' in column)
    return (
      <th scope="col">
        <span className="unseen">{column.unseen}</span>
      </th>
    );
  return (
    <th scope="col" className="right">
      {column.right}
    </th>
  );
}
