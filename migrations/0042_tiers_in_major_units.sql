-- What the mapping has always given; the comment of 0023 said that they came as Stripe writes them.
comment on column books.price_versions.tiers is
  'Tiers in their order: up_to, null for the last, unit_amount and flat_amount in major units.';
