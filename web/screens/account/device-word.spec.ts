import { deviceWord } from './device-word';

const webkit = 'AppleWebKit/537.36 (KHTML, like Gecko)';

test.each([
  [
    `Mozilla/5.0 (Windows NT 10.0; Win64) ${webkit} Chrome/142.0 Safari/537.36`,
    'Chrome on Windows',
  ],
  [`Mozilla/5.0 (Windows NT 10.0) ${webkit} Chrome/142.0 Safari/537.36 Edg/142`, 'Edge on Windows'],
  [`Mozilla/5.0 (iPhone; CPU iPhone OS 19 like Mac OS X) ${webkit} Safari/604.1`, 'Safari on iOS'],
  ['Mozilla/5.0 (X11; Linux x86_64; rv:146.0) Gecko/20100101 Firefox/146.0', 'Firefox on Linux'],
  ['curl/8.5.0', 'curl/8.5.0'],
  [null, 'Unknown'],
])('%s is %s', (device, word) => {
  expect(deviceWord(device)).toBe(word);
});
