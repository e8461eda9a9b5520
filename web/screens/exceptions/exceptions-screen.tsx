import { useInfiniteQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useMemo, type ReactNode } from 'react';
import { formatCount } from '../../format/amount';
import { Answer, Empty } from '../../parts/answers';
import { ScreenHead } from '../../parts/sheet';
import { ExceptionFilterBar } from './filter-bar';
import { ExceptionList } from './exception-list';
import { exceptionsQuery, exportAddress, type ExceptionFilters } from './exceptions-query';

/** All that broke a control, worked as a list. Every filter stands in the address. */
export function ExceptionsScreen(): ReactNode {
  const filters = useSearch({ from: '/screens/exceptions' });
  const navigate = useNavigate({ from: '/exceptions' });
  const query = useInfiniteQuery(exceptionsQuery(filters));
  const exceptions = useMemo(
    () => query.data?.pages.flatMap(({ items }) => items) ?? [],
    [query.data],
  );
  const loaded = query.hasNextPage ? 'and more; the rest loads as you go' : 'in all';
  const set = (part: ExceptionFilters): void =>
    void navigate({ search: (before) => ({ ...before, ...part }), replace: true });
  return (
    <div className="screen full">
      <ScreenHead
        title="Exceptions"
        below={
          query.data === undefined
            ? undefined
            : `${formatCount(exceptions.length)} ${loaded}. Press ? in the list for its keys.`
        }
        actions={
          <>
            <a className="button" href={exportAddress(filters, 'csv')} download>
              CSV
            </a>
            <a className="button" href={exportAddress(filters, 'xlsx')} download>
              Excel
            </a>
          </>
        }
      />
      <ExceptionFilterBar filters={filters} onChange={set} />
      <section className="sheet" aria-label="Exceptions">
        <Answer query={query} rows={12}>
          {() =>
            exceptions.length === 0 ? (
              <Empty title="No exceptions">
                {Object.keys(filters).length === 0
                  ? 'Nothing breaks a control.'
                  : 'None fits these filters.'}
              </Empty>
            ) : (
              <ExceptionList
                exceptions={exceptions}
                hasMore={query.hasNextPage}
                isLoadingMore={query.isFetchingNextPage}
                onNeedMore={() => void query.fetchNextPage()}
              />
            )
          }
        </Answer>
      </section>
    </div>
  );
}
