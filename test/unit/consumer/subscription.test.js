'use strict';

const { Subscription } = require('../../../lib/clients/consumer/subscription');
const args = require('../../../lib/clients/consumer/arguments');

describe('Subscription', () => {
  test('resolves names and expressions with their own beginning', () => {
    const subscription = new Subscription();
    subscription.add({ topics: ['a', /^log-/g], fromBeginning: true });
    subscription.add({ topic: 'b' }, false);
    const existing = ['log-1', 'log-2', 'other', 'a'].map((topic) => ({ topic }));
    expect(subscription.resolve(existing)).toEqual([
      { topic: 'log-1', offsetReset: 'earliest' },
      { topic: 'log-2', offsetReset: 'earliest' },
      { topic: 'a', offsetReset: 'earliest' },
      { topic: 'b', offsetReset: 'latest' },
    ]);
    expect(subscription.has('log-7')).toBe(true);
    expect(subscription.has('c')).toBe(false);
  });

  test('a topic that an expression finds later is read from its first message', () => {
    const subscription = new Subscription();
    subscription.add({ topic: /^log-/ }, false);
    const old = [{ topic: 'log-1' }, { topic: 'log-2', error: { code: 5 } }];
    expect(subscription.resolve(old)).toEqual([{ topic: 'log-1', offsetReset: 'latest' }]);
    expect(
      subscription.resolve([{ topic: 'log-1' }, { topic: 'log-2' }, { topic: 'log-3' }]),
    ).toEqual([
      { topic: 'log-1', offsetReset: 'latest' },
      { topic: 'log-2', offsetReset: 'latest' },
      { topic: 'log-3', offsetReset: 'earliest' },
    ]);
  });

  test('without a word about the beginning the topic keeps its property', () => {
    const subscription = new Subscription();
    subscription.add({ topic: 'a' }, undefined);
    expect(subscription.resolve([])).toEqual([{ topic: 'a' }]);
  });

  test('takes nothing when a part is wrong', () => {
    const subscription = new Subscription();
    expect(() => subscription.add({ topics: ['a', 5] })).toThrow('Invalid topic 5 (number)');
    expect(() => subscription.add({ topics: ['a'], fromBeginning: 'yes' })).toThrow(
      'Expected a boolean for fromBeginning but received "yes" of type string',
    );
    expect(subscription.isEmpty).toBe(true);
  });
});

describe('arguments', () => {
  test('offsets are exact beyond 2^53 and within 64 bits', () => {
    const offset = '9223372036854775807';
    expect(args.commitArguments([{ topic: 't', partition: 0, offset }])[0].offset).toBe(offset);
    expect(() =>
      args.commitArguments([{ topic: 't', partition: 0, offset: `${offset}0` }]),
    ).toThrow('Invalid offset');
    for (const wrong of [undefined, null, '', '1.5', {}, NaN]) {
      expect(() => args.commitArguments([{ topic: 't', partition: 0, offset: wrong }])).toThrow(
        'Invalid offset, expected a long',
      );
    }
  });

  test('seek takes the two logical offsets', () => {
    expect(args.seekArguments({ topic: 't', partition: 0, offset: -2 }).offset).toBe(-2n);
    expect(args.seekArguments({ topic: 't', partition: '3', offset: '-1' }).partition).toBe(3);
    expect(() => args.seekArguments({ topic: 't', partition: 0, offset: -3 })).toThrow('negative');
  });

  test("pause takes KafkaJS's and confluent's forms", () => {
    expect(
      args.pauseArguments(
        [{ topic: 'a' }, { topic: 'b', partitions: [1] }, { topic: 'c', partition: 2 }],
        'pause',
      ),
    ).toEqual([
      { topic: 'a', partitions: undefined },
      { topic: 'b', partitions: [1] },
      { topic: 'c', partitions: [2] },
    ]);
    expect(() => args.pauseArguments([{ topic: 'a', partitions: 1 }], 'pause')).toThrow(
      'Array of valid partitions required to pause specific partitions instead of 1',
    );
  });

  test('metadata of a commit is text', () => {
    const entry = { topic: 't', partition: 0, offset: '1' };
    expect(args.commitArguments([{ ...entry, metadata: 'm' }])[0].metadata).toBe('m');
    expect(() => args.commitArguments([{ ...entry, metadata: 5 }])).toThrow(
      'Invalid offset metadata, expected string or null, received 5',
    );
  });

  test('replace: what was there goes, unless the new part is wrong', () => {
    const subscription = new Subscription();
    subscription.add({ topics: ['a', /^b/] });
    expect(() => subscription.add({ topics: [5], replace: true })).toThrow('Invalid topic 5');
    expect(subscription.has('a')).toBe(true);
    subscription.add({ topics: ['c'], replace: true });
    expect([subscription.has('a'), subscription.has('bb'), subscription.has('c')]).toEqual([
      false,
      false,
      true,
    ]);
  });
});
