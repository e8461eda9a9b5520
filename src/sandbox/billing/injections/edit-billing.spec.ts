import type { CustomerWorld } from '../../world/customer-world';
import { renumber } from './edit-billing';

test('a document that is slipped in takes the prefix of its time, and the count goes on', () => {
  const invoice = (key: string, finalizedAt: number, number: string | null) => ({
    ...{ key, finalizedAt, number },
  });
  const world = {
    customer: { entity: 'ni-ie', key: 'C1' },
    billing: {
      invoices: [
        invoice('a', 100, 'NIE-OLDX-0001'),
        invoice('slipped in', 200, null),
        invoice('b', 300, 'NIE-OLDX-0002'),
        invoice('c', 400, 'NIE-OLD-0003'),
      ],
      ...{ creditNotes: [], payments: [] },
    },
  } as unknown as CustomerWorld;
  renumber(world);
  expect(world.billing.invoices.map(({ number }) => number)).toEqual([
    'NIE-OLDX-0001',
    'NIE-OLDX-0002',
    'NIE-OLDX-0003',
    'NIE-OLD-0004',
  ]);
});
