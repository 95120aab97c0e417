'use strict';

const { FakeGroup, until } = require('../support/fake-group');
const events = require('../../../lib/clients/consumer/events');

const pause = () =>
  new Promise((resolve) => {
    setImmediate(resolve);
  });

/** What the native side reports, as lib/errors makes it. */
function nativeError(librdkafkaName, fields = {}) {
  return Object.assign(new Error(librdkafkaName), { librdkafkaName, retriable: false, ...fields });
}

describe('Committer', () => {
  let fake;
  afterEach(() => fake.close());

  test('commits the first batch at once and coalesces what follows', async () => {
    let handled = 0;
    fake = new FakeGroup({ blockSize: 1, eachMessage: () => void handled++ });
    fake.assign('t', 0, 500);
    await until(() => handled === 500);
    await until(() => fake.committed.get('t/0') === '500');
    expect(fake.commits.length).toBeLessThan(20);
    expect(fake.commits[0]).toEqual([{ topic: 't', partition: 0, offset: '1' }]);
  });

  test('never commits above what was resolved', async () => {
    let resolved = 0;
    const violations = [];
    fake = new FakeGroup({
      autoCommitThreshold: 2,
      async eachMessage({ message }) {
        await pause();
        const committed = Number(fake.committed.get('t/0') ?? 0);
        if (committed > resolved) violations.push([committed, resolved]);
        resolved = Number(message.offset) + 1;
      },
    });
    fake.assign('t', 0, 60);
    await until(() => fake.committed.get('t/0') === '60');
    expect(violations).toEqual([]);
  });

  test.each([undefined, 1])(
    'has one automatic request in flight, the next with the newest offsets (threshold %s)',
    async (autoCommitThreshold) => {
      let inFlight = 0;
      let most = 0;
      let release = null;
      fake = new FakeGroup({ blockSize: 1, autoCommitThreshold, eachMessage: () => pause() });
      const request = fake.committer.request;
      fake.committer.request = async (operation, args) => {
        inFlight += 1;
        most = Math.max(most, inFlight);
        if (fake.commits.length === 0) {
          await new Promise((resolve) => {
            release = resolve;
          });
        }
        const result = await request(operation, args);
        inFlight -= 1;
        return result;
      };
      fake.assign('t', 0, 20);
      await until(() => fake.group.laneOf('t', 0).position() === 20n);
      expect(fake.commits).toEqual([]);
      release();
      await until(() => fake.committed.get('t/0') === '20');
      expect(most).toBe(1);
      expect(fake.commits.length).toBeLessThan(4);
    },
  );

  test('autoCommitThreshold commits within a long batch', async () => {
    const committedAt = [];
    fake = new FakeGroup({
      blockSize: 100,
      autoCommitThreshold: 30,
      async eachMessage({ message }) {
        await pause();
        await pause();
        await pause();
        committedAt.push([Number(message.offset), fake.committed.get('t/0')]);
      },
    });
    fake.assign('t', 0, 100);
    await until(() => fake.committed.get('t/0') === '100');
    const inTheMiddle = committedAt.find(([offset]) => offset === 50)[1];
    expect(Number(inTheMiddle)).toBeGreaterThanOrEqual(30);
  });

  test('a threshold reached while a commit is on its way does not wait for the interval', async () => {
    let release = null;
    fake = new FakeGroup({
      blockSize: 1,
      autoCommitThreshold: 10,
      autoCommitInterval: 600_000,
      eachMessage: () => pause(),
    });
    const { request } = fake.committer;
    fake.committer.request = async (operation, args) => {
      if (release === null) {
        await new Promise((resolve) => {
          release = resolve;
        });
      }
      return request(operation, args);
    };
    fake.assign('t', 0, 20);
    await until(() => fake.group.laneOf('t', 0).position() === 20n);
    release();
    await until(() => fake.committed.get('t/0') === '20');
  });

  test('autoCommitInterval commits within a batch that takes long', async () => {
    const held = { release: null };
    fake = new FakeGroup({
      blockSize: 10,
      autoCommitInterval: 5,
      async eachMessage({ message }) {
        if (message.offset !== '4') return;
        await new Promise((resolve) => {
          held.release = resolve;
        });
      },
    });
    fake.assign('t', 0, 10);
    await until(() => fake.committed.get('t/0') === '4');
    held.release();
    await until(() => fake.committed.get('t/0') === '10');
  });

  test('autoCommit: false commits nothing by itself', async () => {
    let handled = 0;
    fake = new FakeGroup({ autoCommit: false, eachMessage: () => void handled++ });
    const slot = fake.assign('t', 0, 50);
    await until(() => handled === 50);
    const id = fake.revoke([slot]);
    await until(() => fake.answered.includes(id));
    expect(fake.commits).toEqual([]);
  });

  test('commits again what the group refused while it rebalanced', async () => {
    let refusals = 1;
    fake = new FakeGroup({
      eachMessage() {},
      failCommit: () => (refusals-- > 0 ? nativeError('REBALANCE_IN_PROGRESS') : null),
    });
    fake.assign('t', 0, 5);
    await until(() => fake.committed.get('t/0') === '5');
    expect(fake.crashes).toEqual([]);
  });

  test('retries what may succeed, crashes with what may not', async () => {
    let failures = 2;
    fake = new FakeGroup({
      eachMessage() {},
      failCommit: () => (failures-- > 0 ? nativeError('_TRANSPORT', { retriable: true }) : null),
    });
    fake.assign('t', 0, 5);
    await until(() => fake.committed.get('t/0') === '5');
    expect(fake.crashes).toEqual([]);
    fake.close();

    fake = new FakeGroup({
      eachMessage() {},
      failCommit: () => nativeError('GROUP_AUTHORIZATION_FAILED'),
    });
    fake.assign('t', 0, 5);
    await until(() => fake.crashes.length === 1);
    expect(fake.crashes[0].error.librdkafkaName).toBe('GROUP_AUTHORIZATION_FAILED');
  });

  test('emits COMMIT_OFFSETS only to listeners, in KafkaJS shape', async () => {
    const payloads = [];
    fake = new FakeGroup({ eachMessage() {} });
    fake.instrumentation.on(events.COMMIT_OFFSETS, ({ payload }) => payloads.push(payload));
    fake.assign('t', 0, 5);
    await until(() => payloads.length > 0);
    expect(payloads[0]).toEqual({
      groupId: 'g',
      memberId: 'm',
      groupGenerationId: 1,
      topics: [{ topic: 't', partitions: [{ partition: 0, offset: '5' }] }],
    });
  });

  test('commitOffsetsIfNecessary without offsets follows the interval and threshold', async () => {
    const commits = [];
    fake = new FakeGroup({
      autoCommit: false,
      autoCommitThreshold: 3,
      async eachBatch({ batch, resolveOffset, commitOffsetsIfNecessary }) {
        for (const { offset } of batch.messages) {
          resolveOffset(offset);
          await commitOffsetsIfNecessary();
          commits.push(fake.committed.get('t/0'));
        }
      },
    });
    fake.assign('t', 0, 5);
    await until(() => commits.length === 5);
    expect(commits).toEqual([undefined, undefined, '3', '3', '3']);
  });
});
