-- What the links of customers hold, and when a subscription is in force: whoever writes a control has
-- to know it, and could only guess.

comment on table books.customer_link_versions is
  'Which customers of two systems are the same, and what says so; populations.customer_accounts reads them both ways.';
comment on column books.customer_link_versions.from_system is
  'The system that names the other: salesforce (an account) or stripe (a customer).';
comment on column books.customer_link_versions.link_method is
  'EXPLICIT_ID: the account names the customer; METADATA: the customer names the account; MERGE: from an account to the one that took its place.';
comment on column books.customer_link_versions.valid_to is
  'Null from Salesforce and Stripe, whose links hold until they are gone.';

comment on column books.customer_versions.entity_id is
  'Of a Stripe customer, that of its account; of a Salesforce account, that of the field declared for it, or of the org. An account may buy from several: select it by its orders or customers, not by this.';
comment on column books.customer_versions.currency is
  'Stripe: what it is billed in, null before its first document. Salesforce: that of the account (CurrencyIsoCode), or of an org with one currency.';

comment on column books.subscription_versions.status is
  'As last read. Stripe''s: incomplete, incomplete_expired (both never began), trialing, active, past_due, canceled, unpaid, paused (its trial ended without a way to pay).';
comment on column books.subscription_versions.is_paused is
  'Service goes on and is not collected for (pause_collection); pause_behavior says what becomes of its invoices.';
comment on column books.subscription_versions.ended_on is
  'The day on which it ended; null while it has not.';
comment on column books.subscription_versions.order_id is
  'The order of Salesforce that it was set up for (metadata).';
