import { setImmediate } from 'node:timers/promises';
import { sideBySide } from './side-by-side';

const all = async (pages: AsyncGenerator<string>): Promise<string[]> => {
  const came: string[] = [];
  for await (const page of pages) came.push(page);
  return came;
};

test('every page comes once, and no more items than allowed are under way', async () => {
  let [under, most] = [0, 0];
  const pagesOf = async function* (item: string): AsyncGenerator<string> {
    under += 1;
    most = Math.max(most, under);
    for (let page = 0; page < item.length; page += 1) {
      await setImmediate();
      yield `${item}/${page}`;
    }
    under -= 1;
  };
  const came = await all(sideBySide(['aaa', '', 'b', 'cc', 'dddd'], 2, pagesOf));
  expect(came.sort()).toEqual([
    ...['aaa/0', 'aaa/1', 'aaa/2', 'b/0', 'cc/0', 'cc/1'],
    'dddd/0',
    'dddd/1',
    'dddd/2',
    'dddd/3',
  ]);
  expect(most).toBe(2);
});

test('a page is not asked for before the one before the last was taken', async () => {
  let asked = 0;
  const endless = async function* (): AsyncGenerator<string> {
    for (;;) {
      asked += 1;
      await setImmediate();
      yield 'page';
    }
  };
  const pages = sideBySide(['one'], 8, endless);
  await pages.next();
  for (let i = 0; i < 5; i += 1) await setImmediate();
  expect(asked).toBe(2);
  await pages.return(undefined);
});

test('a failure is thrown once what was under way ended, and begins no more', async () => {
  const ended: string[] = [];
  const pagesOf = async function* (item: string): AsyncGenerator<string> {
    try {
      if (item === 'bad') throw new Error('refused');
      for (let page = 0; page < 3; page += 1) {
        await setImmediate();
        yield item;
      }
    } finally {
      ended.push(item);
    }
  };
  await expect(all(sideBySide(['slow', 'bad', 'later'], 2, pagesOf))).rejects.toThrow('refused');
  expect(ended.sort()).toEqual(['bad', 'slow']);
});
