import { splitList } from './split-list';

describe('a list response', () => {
  test('is cut into its objects byte for byte', () => {
    const first = '{"id": "in_1",\n "memo": "a \\"quoted\\" } ] , text \\\\", "x": [1, {"y": []}]}';
    const second = '{"id":"in_2","amount":12345678901234567890.50}';
    const data = `[\n ${first} ,\n${second}\n]`;
    const text = `{\n  "object": "list",\n  "data": ${data},\n "has_more": true,\n "url": "/v1"\n}`;
    expect(splitList(text)).toEqual({ items: [first, second], hasMore: true });
  });

  test('may be empty', () => {
    expect(splitList('{"object":"list","data":[],"has_more":false,"url":"/v1/x"}')).toEqual({
      items: [],
      hasMore: false,
    });
  });

  test.each([
    ['cut in an object', '{"object":"list","data":[{"id":"in_1","a'],
    ['cut in a text', '{"object":"list","data":[{"id":"in_1'],
    ['cut between objects', '{"object":"list","data":[{"id":"in_1"},'],
    ['cut after the data', '{"object":"list","data":[{"id":"in_1"}]'],
    ['without has_more', '{"object":"list","data":[]}'],
    ['no list', '{"id":"in_1","object":"invoice"}'],
    ['no object', '[]'],
    ['nothing', ''],
    ['HTML', '<html><body>502 Bad Gateway</body></html>'],
  ])('that is %s is no list', (_, text) => {
    expect(splitList(text)).toBeNull();
  });

  test('equals what a JSON parser reads, at every cut null', () => {
    const objects = Array.from({ length: 7 }, (_, i) => ({
      id: `ch_${i}`,
      nested: { deep: [i, [i, { text: 'ü\n"]}\\' }]], none: null, yes: true },
    }));
    const text = JSON.stringify({ object: 'list', data: objects, has_more: false }, null, 2);
    expect(splitList(text)?.items.map((item) => JSON.parse(item) as unknown)).toEqual(objects);
    for (let cut = 0; cut < text.length; cut += 1) expect(splitList(text.slice(0, cut))).toBeNull();
  });
});
