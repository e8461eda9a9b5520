import { listIn, readAddress, textsOf, writeAddress } from './address';

test('what an address says comes back as it was, and reads well', () => {
  const texts = { state: 'open,acknowledged', control: 'BK-01', q: 'Grün & Söhne' };
  const address = writeAddress(texts);
  expect(address).toBe('?control=BK-01&q=Gr%C3%BCn+%26+S%C3%B6hne&state=open,acknowledged');
  expect(readAddress(address)).toEqual(texts);
});

test('no filter leaves no mark in the address', () => {
  expect(writeAddress({ state: undefined, severity: '' })).toBe('');
  expect(readAddress('?state=')).toEqual({});
});

test('only texts that a screen knows are kept', () => {
  const kept = textsOf('state', 'code')({ state: 'open', code: 7, other: 'x' });
  expect(kept).toEqual({ state: 'open' });
});

test('a list keeps what is known, in its own order', () => {
  expect(listIn('low,high,unheard', ['critical', 'high', 'low'])).toEqual(['high', 'low']);
  expect(listIn(undefined, ['high'])).toEqual([]);
});
