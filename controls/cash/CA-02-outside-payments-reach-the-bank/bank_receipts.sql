-- Receipts on the bank statement that go with payments recorded in the period, shared out over them,
-- and receipts of the period that name an invoice and that nobody recorded.
select
  k.mark_id,
  k.amount - s.short as amount,
  k.currency,
  r.bank_account,
  r.txn_id,
  r.value_date,
  r.reference,
  r.counterparty,
  k.number,
  (
    select count(*)
    from generate_series(k.marked_on + 1, r.value_date, interval '1 day') as t (day)
    where extract(isodow from t.day) < 6
  ) as weekdays_early,
  false as is_used_already,
  null::text as reconciling,
  'bank:' || r.bank_account || ':' || r.txn_id as source_ref
from populations.outside_payments k
join populations.settled_payments s on s.mark_id = k.mark_id
join populations.payer_receipts r on r.line_id = s.line_id
where k.marked_on >= :period_start
  and k.marked_on < :period_end
union all
-- A receipt that as large a record claims beside the one it pays for: nothing of it is left.
select
  k.mark_id,
  0 as amount,
  k.currency,
  r.bank_account,
  r.txn_id,
  r.value_date,
  r.reference,
  r.counterparty,
  k.number,
  0 as weekdays_early,
  true as is_used_already,
  null::text as reconciling,
  'bank:' || r.bank_account || ':' || r.txn_id as source_ref
from populations.outside_payments k
join populations.claims_on_receipts f on f.mark_id = k.mark_id and f.amount >= f.received
join populations.payer_receipts r on r.line_id = f.line_id
where not exists (select 1 from populations.settled_payments s where s.mark_id = k.mark_id)
  and k.marked_on >= :period_start
  and k.marked_on < :period_end
union all
select
  'bank line ' || r.txn_id as mark_id,
  r.amount,
  r.currency,
  r.bank_account,
  r.txn_id,
  r.value_date,
  r.reference,
  r.counterparty,
  u.number,
  0 as weekdays_early,
  false as is_used_already,
  case
    when (
      select count(*)
      from generate_series(r.value_date + 1, :as_of, interval '1 day') as t (day)
      where extract(isodow from t.day) < 6
    ) <= :apply_weekdays
      then 'Receipts of the last days, still to be applied'
  end as reconciling,
  'bank:' || r.bank_account || ':' || r.txn_id as source_ref
from populations.payer_receipts r
join (
  select w.line_id, min(i.number) as number
  from populations.receipt_words w
  join books.invoices i on replace(upper(i.number), '-', '') = w.word and i.entity_id = :entity
  group by w.line_id
) u on u.line_id = r.line_id
where not exists (select 1 from populations.settled_payments s where s.line_id = r.line_id)
  and r.value_date >= :period_start
  and r.value_date < :period_end
