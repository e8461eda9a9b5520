import { useQuery } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { journeyQuery } from '../../api/queries';
import type { JourneyStep } from '../../api/types';
import { formatDay } from '../../format/dates';
import { counted, spelled } from '../../format/words';
import { Amount } from '../../parts/amount';
import { Answer, Empty } from '../../parts/answers';
import { Sheet } from '../../parts/sheet';
import classes from './exception.module.css';
import { stepsAround } from './journey';

const words: Record<JourneyStep['kind'], string> = {
  deal: 'Deal',
  deal_won: 'Deal won',
  order: 'Order',
  order_activated: 'Order activated',
  contract: 'Contract',
  subscription_started: 'Subscription started',
  subscription_ended: 'Subscription ended',
  invoice: 'Invoice',
  invoice_voided: 'Invoice voided',
  payment_applied: 'Payment applied',
  payment: 'Payment',
  credit_note: 'Credit note',
  refund: 'Refund',
  dispute: 'Dispute',
};

/** The customer's way from order to cash over all systems, with this exception's steps marked. */
export function JourneySheet({ id }: { id: string }): ReactNode {
  const query = useQuery(journeyQuery(id));
  const [all, setAll] = useState(false);
  return (
    <Sheet title="Order to cash of this customer" note="As the books stand now">
      <Answer query={query} rows={4}>
        {({ steps, is_cut: isCut }) => {
          const { shown, before, after } = stepsAround(steps, all);
          if (steps.length === 0)
            return (
              <Empty title="No customer could be told">
                The records name nobody that the books know.
              </Empty>
            );
          return (
            <>
              {before > 0 ? (
                <Hidden count={before} where="earlier" onShow={() => setAll(true)} />
              ) : null}
              <ol className={classes.journey}>
                {shown.map((step) => (
                  <Step key={`${step.on} ${step.kind} ${step.id}`} step={step} />
                ))}
              </ol>
              {after > 0 ? (
                <Hidden count={after} where="later" onShow={() => setAll(true)} />
              ) : null}
              {isCut ? <div className="soft">There are more than can be shown.</div> : null}
            </>
          );
        }}
      </Answer>
    </Sheet>
  );
}

function Hidden({
  count,
  where,
  onShow,
}: {
  count: number;
  where: string;
  onShow: () => void;
}): ReactNode {
  return (
    <button type="button" className="plain-button soft noprint" onClick={onShow}>
      Show {counted(count, `${where} step`)}
    </button>
  );
}

function Step({ step }: { step: JourneyStep }): ReactNode {
  return (
    <li>
      <span className={classes.when}>{formatDay(step.on)}</span>
      <span aria-hidden className={`${classes.rail} ${step.is_subject ? classes.here : ''}`} />
      <span className={classes.what}>
        <strong>{words[step.kind]}</strong>
        <span className="soft">
          {step.label ?? step.id}, {step.source}
          {step.status === null ? '' : `, ${spelled(step.status).toLowerCase()}`}
        </span>
        {step.is_subject ? <span className={classes.differsNote}>named here</span> : null}
        {step.amount === null ? null : (
          <span className={classes.end}>
            <Amount value={step.amount} currency={step.currency} named />
          </span>
        )}
      </span>
    </li>
  );
}
