-- The words that payers wrote on a receipt: among them are numbers of invoices and orders. A word
-- stands here as it was written, and without what encloses or ends it, as in `(NI-0001).`.
with written as (
  select r.line_id, t.word
  from populations.payer_receipts r,
    unnest(
      string_to_array(
        replace(replace(replace(replace(replace(
          upper(r.reference), ',', ' '), ';', ' '), '/', ' '), ':', ' '), '#', ' '),
        ' '
      )
    ) as t (word)
)
select w.line_id, w.word
from written w
union
select w.line_id, trim(both '.()[]{}<>*+=|"''!?-_' from w.word) as word
from written w
