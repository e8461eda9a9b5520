import { specWorld } from '../stripe-spec-world';
import { compareShapes } from './compare-shapes';
import { noteShapes, type FieldShapes } from './field-shapes';
import { justifiedDifferences } from './justified-differences';
import realShapes from './real-shapes.json';
import { renderedKinds } from './rendered-kinds';

const shapesOf = (text: Record<string, Record<string, string>>): FieldShapes =>
  Object.fromEntries(
    Object.entries(text).map(([kind, fields]) => [
      kind,
      Object.fromEntries(Object.entries(fields).map(([path, types]) => [path, types.split('|')])),
    ]),
  );

test('our objects have every field that real ones have, of the same JSON type', () => {
  const ours: FieldShapes = {};
  for (const { object } of specWorld(0.01, '2026-07-10T09:00:00Z').records)
    noteShapes(JSON.parse(JSON.stringify(object)), ours, renderedKinds);
  expect([...renderedKinds].filter((kind) => !(kind in ours))).toEqual([]);
  const differences = new Set(
    [realShapes.recorded, realShapes.fixtures].flatMap((real) =>
      compareShapes(shapesOf(real), ours),
    ),
  );
  expect([...differences].sort()).toEqual(Object.keys(justifiedDifferences).sort());
});

test('the comparison sees a field that is lacking, one of another type and nothing more', () => {
  const real: FieldShapes = {
    refund: {
      ...{ id: ['string'], amount: ['number'], reason: ['null', 'string'], note: ['null'] },
      ...{ card: ['object'], 'card.type': ['string'], list: ['array'], 'list[]': ['object'] },
    },
    charge: { id: ['string'] },
  };
  const ours: FieldShapes = {};
  const refund = { object: 'refund', id: 're_1', amount: '100', reason: null, list: [] };
  noteShapes({ data: [refund, { ...refund, note: 'any' }] }, ours, new Set(['refund']));
  expect(compareShapes(real, ours)).toEqual([
    'refund.amount: real number, ours string',
    'refund.card: lacking',
  ]);
});
