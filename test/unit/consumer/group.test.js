'use strict';

const { FakeGroup, until } = require('../support/fake-group');
const events = require('../../../lib/clients/consumer/events');

const pause = () =>
  new Promise((resolve) => {
    setImmediate(resolve);
  });

function gate() {
  let open;
  const promise = new Promise((resolve) => {
    open = resolve;
  });
  return { promise, open };
}

describe('Group', () => {
  let fake;
  afterEach(() => fake.close());

  test('a revoke waits for the running handler, commits it, and nothing is handed out after it', async () => {
    const handled = [];
    const held = gate();
    fake = new FakeGroup({
      async eachMessage({ message }) {
        if (message.offset === '2') await held.promise;
        handled.push(message.offset);
      },
    });
    const slot = fake.assign('t', 0, 10);
    await until(() => handled.length === 2);
    const id = fake.revoke([slot]);
    await pause();
    expect(fake.answered).toEqual([]);
    held.open();
    await until(() => fake.answered.includes(id));
    expect(handled).toEqual(['0', '1', '2']);
    expect(fake.committed.get('t/0')).toBe('3');
    expect(fake.group.laneOf('t', 0)).toBeUndefined();
  });

  test('what is resolved is committed before the revoke is answered, however new the last commit', async () => {
    const held = gate();
    let reached = false;
    fake = new FakeGroup({
      concurrency: 2,
      async eachMessage({ partition, message }) {
        if (partition === 1 && message.offset === '2') {
          reached = true;
          await held.promise;
        }
      },
    });
    fake.assign('t', 0, 5);
    const slot = fake.assign('t', 1, 10);
    await until(() => reached && fake.committed.has('t/0'));
    let atAnswer;
    fake.answered.push = (id) => {
      atAnswer = fake.committed.get('t/1');
      return Array.prototype.push.call(fake.answered, id);
    };
    fake.revoke([slot]);
    held.open();
    await until(() => fake.answered.length === 1);
    expect(atAnswer).toBe('3');
  });

  test('a seek while a handler awaits begins exactly where it says', async () => {
    const held = gate();
    const offsets = [];
    fake = new FakeGroup({
      blockSize: 10,
      async eachMessage({ message }) {
        offsets.push(Number(message.offset));
        if (offsets.length === 6) await held.promise;
        else await pause();
      },
    });
    fake.assign('t', 0, 40);
    await until(() => offsets.length === 6);
    fake.group.seek('t', 0, 20n);
    held.open();
    await until(() => offsets.includes(39));
    expect(offsets).toEqual([0, 1, 2, 3, 4, 5, ...Array.from({ length: 20 }, (_, i) => 20 + i)]);
  });

  test('lost partitions are given up at once and not committed', async () => {
    const revoked = [];
    const held = gate();
    fake = new FakeGroup({
      settings: {
        onPartitionsRevoked: (partitions, context) => void revoked.push(partitions, context),
      },
      async eachMessage({ message }) {
        if (message.offset === '2') await held.promise;
      },
    });
    const slot = fake.assign('t', 0, 10);
    await until(() => fake.group.laneOf('t', 0)?.cursor === 2);
    const id = fake.revoke([slot], 'lost');
    await until(() => fake.answered.includes(id));
    expect(revoked).toEqual([[{ topic: 't', partition: 0 }], { lost: true }]);
    held.open();
    await pause();
    expect(fake.commits).toEqual([]);
  });

  test('a handler that outlives the deadline finds itself stale and its commit refused', async () => {
    const held = gate();
    const ended = gate();
    const found = {};
    fake = new FakeGroup({
      settings: { rebalanceTimeout: 40 },
      async eachBatch({
        batch,
        isStale,
        isRunning,
        heartbeat,
        commitOffsetsIfNecessary,
        resolveOffset,
      }) {
        await held.promise;
        found.stale = isStale();
        found.running = isRunning();
        found.heartbeat = await heartbeat().catch((error) => error.errorCode);
        resolveOffset(batch.lastOffset());
        const offsets = { topics: [{ topic: 't', partitions: [{ partition: 0, offset: '5' }] }] };
        found.commit = await commitOffsetsIfNecessary(offsets).catch((error) => error.errorCode);
        ended.open();
      },
    });
    const slot = fake.assign('t', 0, 5);
    await until(() => fake.runner.active === 1);
    const id = fake.revoke([slot]);
    await until(() => fake.answered.includes(id));
    held.open();
    await ended.promise;
    await pause();
    expect(found).toEqual({
      stale: true,
      running: false,
      heartbeat: 'ERR_KAFKA_STALE',
      commit: 'ERR_KAFKA_STALE',
    });
    expect(fake.commits).toEqual([]);
  });

  test('a partition that comes back waits until the handler of its former life has ended', async () => {
    const held = gate();
    let running = 0;
    let most = 0;
    const offsets = [];
    fake = new FakeGroup({
      concurrency: 4,
      settings: { rebalanceTimeout: 40 },
      async eachMessage({ message }) {
        running += 1;
        most = Math.max(most, running);
        if (offsets.length === 0) await held.promise;
        offsets.push(message.offset);
        running -= 1;
      },
    });
    const slot = fake.assign('t', 0, 5);
    await until(() => running === 1);
    const id = fake.revoke([slot]);
    await until(() => fake.answered.includes(id));
    fake.assign('t', 0, 5);
    await until(() => fake.group.laneOf('t', 0).blocks.length > 0);
    expect(running).toBe(1);
    held.open();
    await until(() => offsets.length === 6);
    expect(most).toBe(1);
    expect(offsets).toEqual(['0', '0', '1', '2', '3', '4']);
  });

  test('onPartitionsAssigned is awaited before the first message, and a seek in it decides where', async () => {
    const order = [];
    fake = new FakeGroup({
      settings: {
        async onPartitionsAssigned([{ topic, partition }]) {
          await pause();
          fake.group.seek(topic, partition, 3n);
          order.push('assigned');
        },
      },
      eachMessage: ({ message }) => void order.push(message.offset),
    });
    fake.assign('t', 0, 5);
    await until(() => order.length === 3);
    expect(order).toEqual(['assigned', '3', '4']);
  });

  test('an error in a hook does not stop the rebalance', async () => {
    let handled = 0;
    fake = new FakeGroup({
      settings: {
        onPartitionsAssigned: () => Promise.reject(new Error('assigned')),
        onPartitionsRevoked() {
          throw new Error('revoked');
        },
      },
      eachMessage: () => void handled++,
    });
    const slot = fake.assign('t', 0, 5);
    await until(() => handled === 5);
    const id = fake.revoke([slot]);
    await until(() => fake.answered.includes(id));
    expect(fake.logged.filter(({ level }) => level === 'error')).toHaveLength(2);
  });

  test('a seek that fails is tried again; nothing from before it is handed out', async () => {
    const offsets = [];
    let failures = 2;
    fake = new FakeGroup({
      blockSize: 2,
      eachMessage: ({ message }) => void offsets.push(Number(message.offset)),
    });
    fake.failSeek = () => (failures-- > 0 ? new Error('not yet') : null);
    fake.group.seek('t', 0, 50n);
    fake.assign('t', 0, 60);
    await until(() => offsets.includes(59));
    expect(offsets).toEqual([50, 51, 52, 53, 54, 55, 56, 57, 58, 59]);
  });

  test('a seek back that fails at first hands out nothing from ahead', async () => {
    const offsets = [];
    let failures = 2;
    fake = new FakeGroup({
      blockSize: 2,
      async eachMessage({ message }) {
        offsets.push(Number(message.offset));
        if (offsets.length === 20) fake.group.seek('t', 0, 3n);
        await pause();
      },
    });
    fake.failSeek = () => (failures-- > 0 ? new Error('not yet') : null);
    fake.assign('t', 0, 60);
    await until(() => offsets.includes(59));
    expect(offsets.slice(20)).toEqual(Array.from({ length: 57 }, (_, i) => 3 + i));
  });

  test('of two seeks in a row the later one wins', async () => {
    const offsets = [];
    fake = new FakeGroup({
      eachMessage: ({ message }) => void offsets.push(Number(message.offset)),
    });
    fake.assign('t', 0, 100);
    await until(() => offsets.includes(99));
    fake.group.seek('t', 0, 10n);
    fake.group.seek('t', 0, 90n);
    await until(() => offsets.length >= 110);
    expect(offsets.slice(100)).toEqual([90, 91, 92, 93, 94, 95, 96, 97, 98, 99]);
    await until(() => fake.committed.get('t/0') === '100');
  });

  test('pauses hold for partitions that come later, and a topic may be paused as a whole', async () => {
    const partitions = new Set();
    fake = new FakeGroup({ eachMessage: ({ partition }) => void partitions.add(partition) });
    fake.group.pause([{ topic: 't', partitions: undefined }]);
    fake.group.resume([{ topic: 't', partitions: [1] }]);
    for (const partition of [0, 1, 2]) fake.assign('t', partition, 5);
    await until(() => partitions.has(1));
    expect([...partitions]).toEqual([1]);
    expect(fake.group.paused()).toEqual([{ topic: 't', partitions: [0, 2] }]);
    fake.group.resume([{ topic: 't', partitions: undefined }]);
    await until(() => partitions.size === 3);
  });

  test('offsets that begin again, of a topic made again, are handed out and committed', async () => {
    const handled = [];
    fake = new FakeGroup({ eachMessage: ({ message }) => void handled.push(message.offset) });
    const slot = fake.assign('t', 0, 12);
    await until(() => fake.committed.get('t/0') === '12');
    fake.remake(slot, 7);
    await until(() => fake.committed.get('t/0') === '7');
    expect(handled.slice(12)).toEqual(['0', '1', '2', '3', '4', '5', '6']);
  });

  test('blocks of slots that are gone go straight back', async () => {
    const returned = [];
    fake = new FakeGroup({ eachMessage() {} });
    fake.group.native = { done: (slot) => returned.push(slot) };
    fake.group.onBatch(99, 0, Buffer.alloc(0), 0);
    expect(returned).toEqual([99]);
  });

  test('emits GROUP_JOIN and REBALANCING, and HEARTBEAT when somebody listens', async () => {
    const seen = [];
    fake = new FakeGroup({ settings: { heartbeatInterval: 5 }, eachMessage() {} });
    for (const name of ['GROUP_JOIN', 'REBALANCING', 'HEARTBEAT']) {
      fake.instrumentation.on(events[name], ({ payload }) => seen.push([name, payload]));
    }
    const slot = fake.assign('t', 0, 5);
    await until(() => seen.some(([name]) => name === 'HEARTBEAT'));
    fake.revoke([slot]);
    await until(() => seen.some(([name]) => name === 'REBALANCING'));
    expect(seen[0]).toMatchObject([
      'GROUP_JOIN',
      { groupId: 'g', memberId: 'm', memberAssignment: { t: [0] } },
    ]);
    expect(Object.fromEntries(seen).HEARTBEAT).toEqual({
      groupId: 'g',
      memberId: 'm',
      groupGenerationId: 1,
    });
  });
});
