'use strict';

process.env.KAFKAJS_NO_PARTITIONER_WARNING = '1';
const theirs = require('kafkajs').Partitioners;
const ours = require('../../../lib/clients/producer/partitioners').Partitioners;

const partitionMetadata = Array.from({ length: 12 }, (_, partitionId) => ({
  partitionId,
  leader: 1,
}));

function keys() {
  const all = ['', 'a', 'ab', 'abc', 'abcd', 'é', '日本', '😀', Buffer.from([0, 255, 128, 7, 200])];
  let seed = 42;
  const random = (n) => {
    seed = (seed * 1_103_515_245 + 12_345) & 0x7fffffff;
    return seed % n;
  };
  for (let i = 0; i < 3_000; i += 1) {
    all.push(Buffer.from(Array.from({ length: random(40) }, () => random(256))), `key-${i}`);
  }
  return all;
}

test.each(['DefaultPartitioner', 'LegacyPartitioner', 'JavaCompatiblePartitioner'])(
  '%s puts every key where KafkaJS puts it',
  (name) => {
    const mine = ours[name]();
    const kafkajs = theirs[name]();
    for (const key of keys()) {
      const args = { topic: 't', partitionMetadata, message: { key, value: '' } };
      expect([key, mine(args)]).toEqual([key, kafkajs(args)]);
    }
  },
);

test('an explicit partition stays', () => {
  const partitioner = ours.DefaultPartitioner();
  expect(partitioner({ topic: 't', partitionMetadata, message: { key: 'a', partition: 7 } })).toBe(
    7,
  );
});

test('without a key partitions with a leader are taken in turn', () => {
  const partitioner = ours.DefaultPartitioner();
  const metadata = [
    { partitionId: 0, leader: -1 },
    { partitionId: 1, leader: 5 },
    { partitionId: 2, leader: 6 },
  ];
  const chosen = Array.from({ length: 6 }, () =>
    partitioner({ topic: 't', partitionMetadata: metadata, message: { value: 'x' } }),
  );
  expect(new Set(chosen)).toEqual(new Set([1, 2]));
  for (let i = 1; i < chosen.length; i += 1) expect(chosen[i]).not.toBe(chosen[i - 1]);
});
