-- What writers of controls ask first of the two tables that most of them read.
comment on column books.invoice_versions.status is
  'draft, open, paid, void or uncollectible, as of the last reading. All but drafts were issued.';
comment on column books.invoice_versions.document_date is
  'The day that the invoice bears: effective_at of Stripe, else that of finalisation. Null for drafts.';
comment on column books.customer_versions.created_on is
  'Null only where a customer is known by its deletion alone.';
