import { addDays, daysBetween, HOUR, isoInstant, monthOf } from '../kit/instants';
import { majorText, type Minor } from '../kit/units';
import type { Invoice } from '../truth/billing';
import { entities, type Entity } from '../truth/company';
import type { AgeBucket, AgeingLine, Posting } from '../truth/ledger';
import type { CustomerWorld, WorldContext } from '../world/customer-world';
import type { WarehouseRow } from '../world/records';
import { accounts } from './accounts';
import { lastOfMonth, postedAfterMonth } from './ledger-days';

const buckets: readonly [AgeBucket, most: number][] = [
  ['CURRENT', 0],
  ['1-30', 30],
  ['31-60', 60],
  ['61-90', 90],
  ['91-180', 180],
];

export const bucketOf = (daysPastDue: number): AgeBucket =>
  buckets.find(([, most]) => daysPastDue <= most)?.[0] ?? 'OVER_180';

export const daysPastDue = ({ dueOn, asOf }: AgeingLine): number => daysBetween(dueOn, asOf);

/**
 * One customer's lines of the monthly report of receivables by age (CR-04): what the ledger says is
 * owed of each invoice at the month's end, by days past due. What is charged by itself is due as it
 * becomes final.
 */
export function ageReceivables(
  { customer, billing }: Pick<CustomerWorld, 'customer' | 'billing'>,
  postings: readonly Posting[],
  { options }: Pick<WorldContext, 'options'>,
): AgeingLine[] {
  const entity = entities[customer.entity];
  const posted = new Map<string | null, Posting[]>();
  for (const posting of postings) {
    if (posting.account !== accounts.receivables) continue;
    const own = posted.get(posting.docRef);
    if (own === undefined) posted.set(posting.docRef, [posting]);
    else own.push(posting);
  }
  return billing.invoices.flatMap((invoice) => {
    const own = posted.get(invoice.id);
    return own === undefined ? [] : linesOf(invoice, own, { entity, now: options.now });
  });
}

/** From the month of its first posting to the last that is reported, while something is owed. */
function linesOf(
  { id: invoiceId, currency, dueAt, finalizedAt, createdAt }: Invoice,
  postings: readonly Posting[],
  { entity, now }: { entity: Entity; now: number },
): AgeingLine[] {
  const dueOn = entity.zone.dayOf(dueAt ?? finalizedAt ?? createdAt);
  const days = postings.map(({ effectiveOn }) => effectiveOn).sort();
  const [first, last] = [days[0], days.at(-1)];
  const lines: AgeingLine[] = [];
  if (first === undefined || last === undefined) return lines;
  for (let asOf = lastOfMonth(monthOf(first)); ; asOf = lastOfMonth(monthOf(addDays(asOf, 1)))) {
    const reportedAt = postedAfterMonth(entity, asOf, true) + 2 * HOUR;
    if (reportedAt > now) return lines;
    const open = openAt(postings, asOf, reportedAt);
    if (open === 0n && asOf >= last) return lines;
    if (open === 0n) continue;
    const bucket = bucketOf(daysBetween(dueOn, asOf));
    lines.push({ entity: entity.id, asOf, invoiceId, currency, open, dueOn, bucket, reportedAt });
  }
}

/** What was posted through a day, as the ledger stood when the report was made. */
function openAt(postings: readonly Posting[], asOf: string, reportedAt: number): Minor {
  let open = 0n;
  for (const { effectiveOn, postedAt, debit, credit } of postings)
    if (effectiveOn <= asOf && postedAt <= reportedAt) open += debit - credit;
  return open;
}

/** Rows of ar_ageing. */
export function* renderAgeing(
  customerKey: string,
  lines: readonly AgeingLine[],
): Iterable<WarehouseRow> {
  for (const of of lines)
    yield {
      table: 'ar_ageing',
      row: {
        ...{ entity: of.entity, as_of: of.asOf, invoice_id: of.invoiceId },
        ...{ customer_id: customerKey, currency: of.currency, due_on: of.dueOn },
        ...{ bucket: of.bucket, amount: majorText(of.open, of.currency) },
        reported_at: isoInstant(of.reportedAt),
      },
    };
}
