import { injectionIds } from './injections';

/** CONTROLS §5.3, as it numbers them. */
const catalogue = [
  'A01 A02 A03 A04 A05 A06 A07 A08 A09 A11 A12 A13 A14 A16 A17 A18 A19 A20 A21 A22 A24 A26',
  'A27 A28 A29 A30 A31 A32 A33 A35 A37 A38 A39 A40 A42 A43 A44 A45 A46 A47 A48 A49 A50 A52',
  'A53 A55 A56 A57 A58 A59 A60 A61 A62 A63 A65 A66 A67 A69 A70 A71 A72 A73 A74 A75 A76 A77',
  'A79 A80 A81 A83 A84 A85 A87 A88 A89 A90 A91 A92 A93 A94 A96 A97 A98 A99 A100 A102 A103',
  'A104 A105 A106 A107 A108 A109 A110 A111 A112',
]
  .join(' ')
  .split(' ');

/** What no company can hold: it is done to what reads the company, or keeps the record. */
const elsewhere: Readonly<Record<string, string>> = {
  A45: 'an invoice embeds ten lines, whatever it has: a matter of reading (stripe-sync.spec)',
  A102: 'a row of test mode: the mappings refuse it (sources/stripe/mapping)',
  A103: 'a lost page: a fault of both stand-ins',
  A104: 'the warehouse changes after sign-off: `--advance`, and a second load',
  A112: 'the product itself: versions and evidence (controls/monitoring/CTRL-00)',
};

test('every anomaly of the catalogue can be planted, or is done elsewhere', () => {
  const missing = catalogue.filter((id) => !injectionIds.includes(id) && !(id in elsewhere));
  expect(missing).toEqual([]);
});

test('nothing is planted that the catalogue does not have, and nothing twice', () => {
  const known = new Set(catalogue);
  // A35b is the other side of A35: the sibling that the usage was posted to.
  expect(injectionIds.filter((id) => !known.has(id))).toEqual(['A35b']);
  expect(new Set(injectionIds).size).toBe(injectionIds.length);
  expect(Object.keys(elsewhere).filter((id) => injectionIds.includes(id))).toEqual([]);
});
