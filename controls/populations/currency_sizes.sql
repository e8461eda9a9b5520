-- How large the smallest amount and a dollar are in a currency. Minor units are those in which
-- documents are made out (CONTROLS S1: ISK and UGX whole, though Stripe writes two digits). What a
-- dollar comes to is good for caps and thresholds alone, never for converting an amount.
select c.currency, c.minor_unit, c.per_dollar
from (values
  ('AED', 0.01, 3.67), ('ARS', 0.01, 1000), ('AUD', 0.01, 1.5), ('BGN', 0.01, 1.8),
  ('BHD', 0.001, 0.38), ('BIF', 1, 2900), ('BRL', 0.01, 5.4), ('CAD', 0.01, 1.37),
  ('CHF', 0.01, 0.88), ('CLP', 1, 930), ('CNY', 0.01, 7.2), ('COP', 0.01, 4000),
  ('CRC', 0.01, 510), ('CZK', 0.01, 23), ('DJF', 1, 178), ('DKK', 0.01, 6.9), ('EGP', 0.01, 48),
  ('EUR', 0.01, 0.92), ('GBP', 0.01, 0.8), ('GNF', 1, 8600), ('HKD', 0.01, 7.8),
  ('HUF', 0.01, 360), ('IDR', 0.01, 16000), ('ILS', 0.01, 3.7), ('INR', 0.01, 84),
  ('IQD', 0.001, 1310), ('ISK', 1, 140), ('JOD', 0.001, 0.71), ('JPY', 1, 150),
  ('KES', 0.01, 129), ('KMF', 1, 450), ('KRW', 1, 1400), ('KWD', 0.001, 0.31),
  ('KZT', 0.01, 480), ('LYD', 0.001, 4.8), ('MAD', 0.01, 10), ('MGA', 1, 4500),
  ('MXN', 0.01, 18), ('MYR', 0.01, 4.5), ('NGN', 0.01, 1500), ('NOK', 0.01, 10.7),
  ('NZD', 0.01, 1.65), ('OMR', 0.001, 0.385), ('PEN', 0.01, 3.75), ('PHP', 0.01, 57),
  ('PKR', 0.01, 278), ('PLN', 0.01, 4), ('PYG', 1, 7500), ('QAR', 0.01, 3.64),
  ('RON', 0.01, 4.6), ('RSD', 0.01, 108), ('RWF', 1, 1350), ('SAR', 0.01, 3.75),
  ('SEK', 0.01, 10.5), ('SGD', 0.01, 1.34), ('THB', 0.01, 34), ('TND', 0.001, 3.1),
  ('TRY', 0.01, 34), ('TWD', 0.01, 32), ('UAH', 0.01, 41), ('UGX', 1, 3700), ('USD', 0.01, 1),
  ('UYU', 0.01, 40), ('VND', 1, 25000), ('VUV', 1, 119), ('XAF', 1, 605), ('XOF', 1, 605),
  ('XPF', 1, 110), ('ZAR', 0.01, 18)
) as c (currency, minor_unit, per_dollar)
