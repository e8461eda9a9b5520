import type { Knex } from 'knex';
import type { Expected } from '../../../src/sandbox/northwind/read-truth';

/** What a plain comparison of amounts finds, with no timing, no reconciling items, no reasons. */
export interface BaselineScore {
  control: string;
  /** Different keys that were planted for the control. */
  expected: number;
  found: number;
  reported: number;
  false: number;
}

/**
 * By control: what any team would write first, one full outer join of two tables on their key with
 * the amounts compared. Gives the keys that differ.
 */
const joins: Readonly<Record<string, string>> = {
  'BK-01': `select key from (
      select opportunity_id as key, total_amount as amount from books.opportunities
      where is_won and is_deleted is not true) l
    full join (
      select coalesce(opportunity_id, order_id) as key, sum(total_amount) as amount
      from books.orders where status = 'Activated' and is_deleted is not true group by 1) r
    using (key) where l.amount is distinct from r.amount`,
  'BK-03': `select key from (
      select order_id as key, total_amount as amount from books.orders
      where status = 'Activated' and is_deleted is not true) l
    full join (
      select o.order_id as key, sum(i.amount) as amount
      from books.invoice_lines i join books.order_lines o using (order_line_id) group by 1) r
    using (key) where l.amount is distinct from r.amount`,
  'IN-01': `select key from (
      select invoice_id as key, subtotal as amount from books.invoices
      where finalized_at is not null) l
    full join (
      select invoice_id as key, sum(amount) as amount from books.invoice_lines group by 1) r
    using (key) where l.amount is distinct from r.amount`,
  'CA-01': `select key from (
      select invoice_id as key, total as amount from books.invoices where status = 'paid') l
    full join (
      select invoice_id as key, sum(amount_paid) as amount from books.invoice_payments
      where status = 'paid' group by 1) r
    using (key) where l.amount is distinct from r.amount`,
  'CA-02': `select key from (
      select invoice_id as key, amount_paid as amount, currency from books.invoices
      where amount_paid_oob > 0) l
    left join books.bank_transactions r using (amount, currency) where r.txn_id is null`,
  'CA-04': `select payout_id as key from books.payouts p
    full join (select * from books.bank_transactions where counterparty = 'STRIPE') b
      on b.amount = p.amount and b.currency = p.currency and b.value_date = p.arrival_date
    where p.payout_id is not null and b.txn_id is null`,
  'US-01': `select coalesce(l.customer_id, r.customer_id) || '/' ||
      coalesce(l.meter, r.meter) as key
    from (
      select customer_id, meter_key as meter, sum(quantity) as quantity
      from books.usage_hours group by 1, 2) l
    full join (
      select s.customer_id, m.event_name as meter, sum(s.quantity) as quantity
      from books.usage_summaries s join books.meters m using (meter_id) group by 1, 2) r
      on r.customer_id = l.customer_id and r.meter = l.meter
    where l.quantity is distinct from r.quantity`,
  'MD-01': `select key from (
      select stripe.customer_id as key, lower(stripe.name) as name from books.customers stripe
      where system = 'stripe') l
    full join (
      select from_id as key, lower(c.name) as name from books.customer_links k
      join books.customers c on c.customer_id = k.to_id) r
    using (key) where l.name is distinct from r.name`,
};

/** Scores the joins for those controls of the list that have one. */
export async function scoreBaseline(
  app: Knex,
  expected: readonly Expected[],
  controls: readonly string[],
): Promise<BaselineScore[]> {
  const scores: BaselineScore[] = [];
  for (const control of controls) {
    const sql = joins[control];
    if (sql === undefined) continue;
    const { rows } = await app.raw<{ rows: { key: string }[] }>(sql);
    const flagged = new Set(rows.map(({ key }) => key));
    const planted = new Set(
      expected.filter((one) => one.control === control).map(({ key }) => key),
    );
    const found = [...planted].filter((key) => flagged.has(key)).length;
    scores.push({
      ...{ control, expected: planted.size, found },
      ...{ reported: flagged.size, false: flagged.size - found },
    });
  }
  return scores;
}
