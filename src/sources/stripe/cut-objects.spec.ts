import { cutObjects } from './cut-objects';

test('discounts are cut out byte for byte, wherever they stand', () => {
  const one = '{"id": "di_1",  "object": "discount", "source": {"coupon":"a}\\"{"}}';
  const two = '{"object":"discount","id":"di_2"}';
  const lines = `{"data":[{"discounts":[${two}]}]}`;
  const text = `{"object":"invoice","discounts":[${one}],"lines":${lines}}`;
  expect(cutObjects(text, 'discount')).toEqual([one, two]);
});

test('what only names the kind is not cut', () => {
  expect(cutObjects('{"object":"line_item","note":"discount"}', 'discount')).toEqual([]);
  expect(cutObjects('{"object":"invoice","discounts":["di_1"]}', 'discount')).toEqual([]);
});
