import type { ReactNode } from 'react';
import { formatAmount } from '../format/amount';

/** An amount as the reader's locale writes it; its currency only where no heading says it. */
export function Amount({
  value,
  currency,
  named = false,
}: {
  value: string | null;
  currency: string | null;
  named?: boolean;
}): ReactNode {
  if (value === null) return <span className="soft">–</span>;
  const negative = value.startsWith('-') && /[1-9]/.test(value);
  return (
    <span className={negative ? 'amount negative' : 'amount'}>
      {formatAmount(value, currency)}
      {named && currency !== null ? <span className="soft small"> {currency}</span> : null}
    </span>
  );
}
