-- The words that payers wrote on a receipt: among them are numbers of invoices and orders.
select distinct r.line_id, t.word
from populations.payer_receipts r,
  unnest(
    string_to_array(
      replace(replace(replace(replace(replace(
        upper(r.reference), ',', ' '), ';', ' '), '/', ' '), ':', ' '), '#', ' '),
      ' '
    )
  ) as t (word)
