'use strict';

const { EndOfTopic } = require('../../../lib/service/end-of-topic');

const statistics = (...partitions) => ({
  topics: [
    { topic: 'another', partitions: [{ partition: 0, nextOffset: 99, fetchQueueCount: 0 }] },
    {
      topic: 't',
      partitions: partitions.map(([partition, nextOffset, fetchQueueCount = 0]) => ({
        partition,
        nextOffset,
        fetchQueueCount,
      })),
    },
  ],
});

let end;
beforeEach(() => {
  end = new EndOfTopic('t', [
    { partition: 0, offset: 2n, high: 5n },
    { partition: 1, offset: 7n, high: 7n },
  ]);
});

function read(...offsets) {
  end.onFetch();
  for (const offset of offsets) end.onMessage(0, offset);
  end.onBatchDone();
}

test('the last message of every partition is the end', () => {
  expect(end.count).toBe(3);
  read('2', '3');
  expect(end.isReached).toBe(false);
  read('4');
  expect(end.isReached).toBe(true);
});

test('what was sent meanwhile does not belong to it', () => {
  expect(end.has(0, '4')).toBe(true);
  expect(end.has(0, '5')).toBe(false);
  expect(end.has(1, '7')).toBe(false);
});

test('a marker at the end: two statistics in a row say that all is fetched', () => {
  read('2', '3');
  end.onStatistics(statistics([0, 5], [1, 7]));
  expect(end.isReached).toBe(false);
  end.onStatistics(statistics([0, 5], [1, 7]));
  expect(end.isReached).toBe(true);
});

test('a batch between two statistics: fetched messages are still on their way', () => {
  end.onStatistics(statistics([0, 5]));
  read('2');
  end.onStatistics(statistics([0, 5]));
  expect(end.isReached).toBe(false);
});

test('a slow reader of the output loses nothing: statistics do not count while a batch is written', () => {
  end.onFetch();
  for (let i = 0; i < 5; i += 1) end.onStatistics(statistics([0, 5]));
  expect(end.isReached).toBe(false);
});

test('batches that come together: statistics do not count until the last one is read', () => {
  end.onFetch();
  end.onFetch();
  end.onMessage(0, '2');
  end.onBatchDone();
  for (let i = 0; i < 5; i += 1) end.onStatistics(statistics([0, 5]));
  expect(end.isReached).toBe(false);
});

test.each([
  ['is not fetched to the end', [0, 4]],
  ['has fetched messages in its queue', [0, 5, 1]],
  ['has not begun', [0, -1001]],
])('a partition that %s', (_what, partition) => {
  for (let i = 0; i < 3; i += 1) end.onStatistics(statistics(partition));
  expect(end.isReached).toBe(false);
});

test('statistics that do not know the topic yet', () => {
  end.onStatistics({ topics: [] });
  expect(end.isReached).toBe(false);
});
