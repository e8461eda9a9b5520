import { LotShares } from './lot-shares';

test('lots that fill beside each other hold no more together, however many there are', () => {
  const shares = new LotShares();
  const alone = shares.most();
  expect(alone).toEqual({ observations: 5000, bytes: 8_000_000 });
  const leave: (() => void)[] = [];
  for (let fillers = 1; fillers <= 40; fillers += 1) {
    leave.push(shares.join());
    const { observations, bytes } = shares.most();
    expect(observations * fillers).toBeLessThan(20_000 + fillers);
    expect(bytes * fillers).toBeLessThan(32_000_000 + fillers);
  }
  expect(shares.most()).toEqual({ observations: 500, bytes: 800_000 });
  for (const one of leave) {
    one();
    one();
  }
  expect(shares.most()).toEqual(alone);
});
