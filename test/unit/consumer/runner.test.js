'use strict';

const { FakeGroup, until } = require('../support/fake-group');

const pause = () =>
  new Promise((resolve) => {
    setImmediate(resolve);
  });

/** Reproducible numbers in [0, 1). */
function generator(seed) {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

describe('Runner', () => {
  let fake;
  afterEach(() => fake.close());

  test('hands out every message once and in order within each partition', async () => {
    const seen = new Map();
    let running = 0;
    let most = 0;
    fake = new FakeGroup({
      concurrency: 3,
      async eachMessage({ topic, partition, message }) {
        running += 1;
        most = Math.max(most, running);
        const key = `${topic}/${partition}`;
        seen.set(key, [...(seen.get(key) ?? []), Number(message.offset)]);
        if (Number(message.offset) % 3 === 0) await pause();
        running -= 1;
      },
    });
    for (let partition = 0; partition < 7; partition++) fake.assign('t', partition, 23);
    await until(() => [...seen.values()].flat().length === 7 * 23);
    for (const offsets of seen.values()) expect(offsets).toEqual([...Array(23).keys()]);
    expect(most).toBe(3);
    await until(
      () => [...fake.committed.values()].every((o) => o === '23') && fake.committed.size === 7,
    );
  });

  test('starves no partition when one has always more', async () => {
    const turns = [];
    fake = new FakeGroup({
      async eachBatch({ batch }) {
        turns.push(batch.partition);
        await pause();
      },
    });
    fake.assign('t', 0, 100_000);
    fake.assign('t', 1, 50);
    fake.assign('t', 2, 50);
    await until(() => turns.filter((p) => p === 2).length === 10);
    expect(turns.filter((p) => p === 0).length).toBeLessThan(15);
  });

  test('does not wait for a handler that returns nothing', async () => {
    let count = 0;
    fake = new FakeGroup({ blockSize: 1000, eachMessage: () => void count++ });
    fake.assign('t', 0, 1000);
    await until(() => count === 1000);
  });

  test('gives the event loop a turn while a synchronous handler works through a block', async () => {
    const progress = { count: 0 };
    let turns = 0;
    fake = new FakeGroup({
      blockSize: 4_000,
      eachMessage() {
        progress.count += 1;
        const end = performance.now() + 0.02;
        while (performance.now() < end);
      },
    });
    fake.assign('t', 0, 4_000);
    await until(() => progress.count > 0);
    while (progress.count < 4_000) {
      turns += 1;
      await pause();
    }
    expect(turns).toBeGreaterThan(8); // 80 ms of work in slices of 4 ms
  });

  describe('a handler that throws', () => {
    test('gets the same message again, later ones only after it', async () => {
      const seen = [];
      let failures = 2;
      fake = new FakeGroup({
        async eachMessage({ message }) {
          seen.push(message.offset);
          if (message.offset === '3' && failures-- > 0) throw new Error('not now');
        },
      });
      fake.assign('t', 0, 6);
      await until(() => seen.includes('5'));
      expect(seen).toEqual(['0', '1', '2', '3', '3', '3', '4', '5']);
      expect(fake.crashes).toEqual([]);
      expect(fake.logged.filter(({ level }) => level === 'error')).toHaveLength(2);
    });

    test('has what it resolved committed before the next attempt', async () => {
      let attempts = 0;
      fake = new FakeGroup({
        async eachMessage({ message }) {
          if (message.offset !== '3') return;
          attempts += 1;
          throw new Error('never');
        },
      });
      fake.assign('t', 0, 6);
      await until(() => fake.crashes.length === 1);
      expect(attempts).toBe(4); // once and 3 retries
      expect(fake.committed.get('t/0')).toBe('3');
      const [{ error }] = fake.crashes;
      expect(error.name).toBe('KafkaJSNumberOfRetriesExceeded');
      expect(error.message).toBe('never');
      expect(error.retryCount).toBe(3);
    });

    test('goes on from the last resolved offset after a restart, with fresh attempts', async () => {
      const seen = [];
      let failures = 6;
      fake = new FakeGroup({
        restart: true,
        async eachMessage({ message }) {
          seen.push(message.offset);
          if (message.offset === '3' && failures-- > 0) throw new Error('not now');
        },
      });
      fake.assign('t', 0, 6);
      await until(() => seen.includes('5'));
      expect(fake.crashes).toHaveLength(1);
      expect(seen.filter((offset) => offset === '3')).toHaveLength(7);
      expect(seen.filter((offset) => offset !== '3')).toEqual(['0', '1', '2', '4', '5']);
    });

    test('does not hold up other partitions', async () => {
      let healthy = 0;
      fake = new FakeGroup({
        retry: { initialRetryTime: 3_600_000, maxRetryTime: 3_600_000 },
        async eachMessage({ partition }) {
          if (partition === 0) throw new Error('never');
          healthy += 1;
        },
      });
      fake.assign('t', 0, 10);
      fake.assign('t', 1, 100);
      await until(() => healthy === 100, 'the healthy partition');
    });

    test.each([
      ['a TypeError', () => null.field, 'TypeError'],
      [
        'an error that is not retriable',
        () => {
          throw Object.assign(new Error('no'), { retriable: false });
        },
        'Error',
      ],
    ])('crashes at once with %s', async (_, fail, name) => {
      let calls = 0;
      fake = new FakeGroup({
        async eachMessage() {
          calls += 1;
          fail();
        },
      });
      fake.assign('t', 0, 6);
      await until(() => fake.crashes.length === 1);
      expect(calls).toBe(1);
      expect(fake.crashes[0].error.name).toBe('KafkaJSNonRetriableError');
      expect(fake.crashes[0].error.cause.name).toBe(name);
    });

    test('counts attempts anew once a message went through', async () => {
      const failures = new Map();
      let handled = 0;
      fake = new FakeGroup({
        async eachMessage({ message }) {
          const count = failures.get(message.offset) ?? 0;
          failures.set(message.offset, count + 1);
          if (count < 3) throw new Error('thrice each');
          handled += 1;
        },
      });
      fake.assign('t', 0, 4);
      await until(() => handled === 4);
      expect(fake.crashes).toEqual([]);
    });
  });

  describe('eachBatch', () => {
    test('resolves all of a batch by itself', async () => {
      const batches = [];
      fake = new FakeGroup({
        async eachBatch({ batch }) {
          batches.push([batch.firstOffset(), batch.lastOffset()]);
        },
      });
      fake.assign('t', 0, 12);
      await until(() => fake.committed.get('t/0') === '12');
      expect(batches).toEqual([
        ['0', '4'],
        ['5', '9'],
        ['10', '11'],
      ]);
    });

    test('gives again what a handler without automatic resolution left', async () => {
      const seen = [];
      fake = new FakeGroup({
        eachBatchAutoResolve: false,
        async eachBatch({ batch, resolveOffset }) {
          for (const { offset } of batch.messages.slice(0, 2)) {
            seen.push(offset);
            resolveOffset(offset);
          }
        },
      });
      fake.assign('t', 0, 7);
      await until(() => fake.committed.get('t/0') === '7');
      expect(seen).toEqual(['0', '1', '2', '3', '4', '5', '6']);
    });

    test('retries from the last resolved offset', async () => {
      const starts = [];
      fake = new FakeGroup({
        async eachBatch({ batch, resolveOffset }) {
          starts.push(batch.firstOffset());
          for (const { offset } of batch.messages) {
            if (offset === '2' && starts.length < 3) throw new Error('not now');
            resolveOffset(offset);
          }
        },
      });
      fake.assign('t', 0, 5);
      await until(() => fake.committed.get('t/0') === '5');
      expect(starts).toEqual(['0', '2', '2']);
    });

    test('goes back when an offset below the batch is resolved', async () => {
      const starts = [];
      fake = new FakeGroup({
        eachBatchAutoResolve: false,
        async eachBatch({ batch, resolveOffset }) {
          starts.push(batch.firstOffset());
          if (starts.length === 2) resolveOffset('1');
          else resolveOffset(batch.lastOffset());
        },
      });
      fake.assign('t', 0, 10);
      await until(() => fake.committed.get('t/0') === '10');
      expect(starts).toEqual(['0', '5', '2', '7']);
    });

    test('skips what was resolved ahead', async () => {
      const starts = [];
      fake = new FakeGroup({
        async eachBatch({ batch, resolveOffset }) {
          starts.push(batch.firstOffset());
          if (starts.length === 1) {
            resolveOffset('6');
            throw new Error('after resolving ahead');
          }
        },
      });
      fake.assign('t', 0, 12);
      await until(() => fake.committed.get('t/0') === '12');
      expect(starts).toEqual(['0', '7', '10']);
    });

    test('resolves nothing by itself for a handler that was told to stop', async () => {
      let release;
      fake = new FakeGroup({
        async eachBatch({ batch, resolveOffset, isStale }) {
          for (const { offset } of batch.messages) {
            if (isStale()) return;
            resolveOffset(offset);
            if (offset === '1') {
              await new Promise((resolve) => {
                release = resolve;
              });
            }
          }
        },
      });
      const slot = fake.assign('t', 0, 10);
      await until(() => release !== undefined);
      const id = fake.revoke([slot]);
      release();
      await until(() => fake.answered.includes(id));
      expect(fake.committed.get('t/0')).toBe('2');
    });
  });

  test.each([1, 2, 3, 4, 5, 6, 7, 8])(
    'keeps order and skips nothing under pauses, seeks, failures and rebalances (seed %i)',
    async (seed) => {
      const random = generator(seed);
      const partitions = 4;
      const length = 120;
      const next = new Map();
      const failed = new Set();
      const violations = [];
      const busy = new Set();
      let handled = 0;
      let churns = 0;
      const expectNext = (partition, offset) => {
        const expected = next.get(partition);
        if (offset > expected) violations.push(`${partition}: ${offset} after ${expected - 1}`);
      };
      fake = new FakeGroup({
        concurrency: 2,
        restart: true,
        async eachMessage({ partition, message, pause: pauseLane }) {
          if (busy.has(partition)) violations.push(`${partition} runs twice at once`);
          busy.add(partition);
          const offset = Number(message.offset);
          if ((handled += 1) % 8 === 0) setImmediate(churn);
          expectNext(partition, offset);
          const dice = random();
          if (dice < 0.3) await pause();
          if (dice > 0.95) {
            const resume = pauseLane();
            setTimeout(resume, 2);
          }
          busy.delete(partition);
          if (dice > 0.9 && !failed.has(`${partition}/${offset}`)) {
            failed.add(`${partition}/${offset}`);
            throw new Error('by chance');
          }
          if (offset === next.get(partition)) next.set(partition, offset + 1);
        },
      });
      const slots = new Map();
      for (let partition = 0; partition < partitions; partition++) {
        next.set(partition, 0);
        slots.set(partition, fake.assign('t', partition, length));
      }
      // By what was handled, and so often: by the clock a slow machine would get more of it than it can make good.
      const churn = () => {
        if ((churns += 1) > 100) return;
        const partition = Math.floor(random() * partitions);
        const dice = random();
        if (dice < 0.3) {
          const id = fake.revoke([slots.get(partition)]);
          until(() => fake.answered.includes(id)).then(() => {
            const from = Number(fake.committed.get(`t/${partition}`) ?? 0);
            if (from > next.get(partition))
              violations.push(`${partition}: committed ${from} unhandled`);
            if (fake.group.laneOf('t', partition) === undefined) {
              slots.set(partition, fake.assign('t', partition, length - from, from));
            }
          });
        } else if (dice < 0.5) {
          const target = Math.floor(random() * (next.get(partition) + 1));
          fake.group.seek('t', partition, BigInt(target));
        }
      };
      await until(() => [...next.values()].every((offset) => offset === length), 'the end');
      expect(churns).toBeGreaterThan(20);
      expect(violations).toEqual([]);
    },
  );
});
