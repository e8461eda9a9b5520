-- The words that payers wrote on a receipt: among them are numbers of invoices and orders. A word
-- stands here without hyphens and without what encloses or ends it, `(NI-0001).` as `NI0001`; and with
-- the word after it, since banks break a number at its hyphen: `NI 0001`. Compare with
-- `replace(upper(number), '-', '')`.
with written as (
  select r.line_id, trim(both '.()[]{}<>*+=|"''!?-_' from t.word) as word, t.word_no
  from populations.payer_receipts r,
    unnest(
      string_to_array(
        replace(replace(replace(replace(replace(
          upper(r.reference), ',', ' '), ';', ' '), '/', ' '), ':', ' '), '#', ' '),
        ' '
      )
    ) with ordinality as t (word, word_no)
),
words as (
  select w.line_id, w.word, lead(w.word) over (partition by w.line_id order by w.word_no) as next_word
  from written w
  where w.word <> ''
)
select w.line_id, replace(w.word, '-', '') as word
from words w
union
select w.line_id, replace(w.word || w.next_word, '-', '') as word
from words w
where w.next_word is not null
