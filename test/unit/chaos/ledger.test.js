'use strict';

// The checker of `npm run chaos` finds what is planted.

const { Ledger, Recovery } = require('../../chaos/ledger');

const entry = (id, partition = 0) => ({ partition, id });
const ids = (...numbers) => numbers.map((number) => `p0:${number}`);
const log = (...numbers) => ids(...numbers).map((id) => entry(id));

/** Messages 0 to `count - 1`, all acknowledged, number n sent at n. */
function sentLedger(count) {
  const ledger = new Ledger();
  for (let number = 0; number < count; number += 1) {
    ledger.sent(`p0:${number}`, number);
    ledger.acknowledged(`p0:${number}`);
  }
  return ledger;
}

const handle = (stream, numbers, at = 0) => {
  for (const id of ids(...numbers)) stream.push({ partition: 0, id, at });
};

describe('what is stored', () => {
  test('all of it, once and in order', () => {
    expect(sentLedger(3).checkLog(log(0, 1, 2))).toEqual({
      lost: [],
      doubled: [],
      unknown: [],
      disordered: [],
    });
  });

  test('an acknowledged message that is missing is lost, one that was not acknowledged is not', () => {
    const ledger = sentLedger(3);
    ledger.sent('p0:3', 3);
    expect(ledger.checkLog(log(0, 2)).lost).toEqual(['p0:1']);
    expect(ledger.checkLog(log(0, 1, 2, 3)).lost).toEqual([]);
  });

  test('what was sent before its topic was deleted is not asked for', () => {
    expect(sentLedger(4).checkLog(log(3), 2).lost).toEqual(['p0:2']);
  });

  test('a message stored twice, also when it was never acknowledged', () => {
    const ledger = sentLedger(2);
    ledger.sent('p0:2', 2);
    expect(ledger.checkLog(log(0, 1, 2, 2)).doubled).toEqual(['p0:2']);
  });

  test('two messages that changed places, but not those of two partitions or two producers', () => {
    const ledger = sentLedger(4);
    expect(ledger.checkLog(log(0, 2, 1, 3)).disordered).toEqual(['p0:1']);
    expect(ledger.checkLog([entry('p0:2', 1), entry('p0:0', 0), entry('p0:3', 1)])).toMatchObject({
      disordered: [],
    });
    for (const number of [0, 1]) ledger.sent(`p1:${number}`, number);
    const mixed = ['p0:0', 'p0:1', 'p1:0', 'p0:2', 'p1:1'].map((id) => entry(id));
    expect(ledger.checkLog(mixed).disordered).toEqual([]);
  });

  test('a message that nobody sent', () => {
    expect(sentLedger(1).checkLog(log(0, 7)).unknown).toEqual(['p0:7']);
  });
});

describe('what a group made of it', () => {
  const FAULT_AT = 100;

  test('a message that no member handled is lost', () => {
    const ledger = sentLedger(3);
    handle(ledger.stream('group'), [0]);
    handle(ledger.stream('group'), [2]);
    expect(ledger.checkGroup('group', log(0, 1, 2), FAULT_AT).lost).toEqual(['p0:1']);
  });

  test('repeated after the failure is counted, repeated before it is told apart', () => {
    const ledger = sentLedger(3);
    const stream = ledger.stream('group');
    handle(stream, [0, 1]);
    handle(stream, [1, 2], FAULT_AT);
    expect(ledger.checkGroup('group', log(0, 1, 2), FAULT_AT)).toEqual({
      lost: [],
      repeated: 1,
      repeatedEarly: [],
      disordered: [],
    });
    handle(ledger.stream('group'), [0], FAULT_AT - 1);
    expect(ledger.checkGroup('group', log(0, 1, 2), FAULT_AT)).toMatchObject({
      repeated: 2,
      repeatedEarly: ['p0:0'],
    });
  });

  test('a message handed out behind a later one is out of order, unless another member had it', () => {
    const ledger = sentLedger(3);
    handle(ledger.stream('group'), [0, 2, 1]);
    expect(ledger.checkGroup('group', log(0, 1, 2), FAULT_AT).disordered).toEqual(['p0:1']);
    handle(ledger.stream('group'), [1]);
    expect(ledger.checkGroup('group', log(0, 1, 2), FAULT_AT).disordered).toEqual([]);
  });
});

describe('what transactions made of it', () => {
  test('each message once', () => {
    expect(sentLedger(3).checkExactlyOnce(log(0, 1, 2), log(0, 1, 2))).toEqual({
      lost: [],
      doubled: [],
      unknown: [],
      disordered: [],
    });
  });

  test('lost, doubled, out of order, from nowhere', () => {
    const ledger = sentLedger(4);
    expect(ledger.checkExactlyOnce(log(0, 1, 2, 3), log(0, 3, 2, 3, 9))).toEqual({
      lost: ['p0:1'],
      doubled: ['p0:3'],
      unknown: ['p0:9'],
      disordered: ['p0:2'],
    });
  });
});

test('it flows again when a message sent since then came out of each partition of each flow', async () => {
  const recovery = new Recovery(1_000, ['group', 'output'], 2);
  recovery.note('group', 0, 999, 5_000); // sent before
  recovery.note('group', 0, 1_000, 1_100);
  recovery.note('group', 1, 1_001, 1_200);
  recovery.note('output', 1, 1_001, 1_300);
  recovery.note('output', 1, 1_500, 1_900);
  recovery.note('output', 0, undefined, 2_000); // nobody knows it
  expect(recovery.missing).toEqual(['output/0']);
  recovery.note('output', 0, 1_002, 2_500);
  expect(await recovery.done).toBe(1_500);
});
