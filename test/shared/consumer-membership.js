'use strict';

// What a consumer does as a member of its group, and without one.

const { until, deferred, numbers } = require('./consumer-tools');

/** @param {Function} broker see consumer-suite.js @param {object} tools of consumerTools() */
function membership(broker, { newGroup, connect, fill, recorder, gaps }) {
  test('topics that are subscribed while running are consumed too, without a second hand-out of the others', async () => {
    const first = await broker().createTopic(2);
    const second = await broker().createTopic(2);
    await fill(first, 2, 20);
    await fill(second, 2, 20);
    const consumer = await connect();
    const seen = { [first]: [], [second]: [] };
    await consumer.subscribe({ topics: [first], fromBeginning: true });
    await consumer.run({
      eachMessage: async ({ topic, partition, message }) => {
        seen[topic].push(`${partition}/${message.offset}`);
      },
    });
    await until(() => seen[first].length === 40);
    await consumer.subscribe({ topics: [second], fromBeginning: true });
    await fill(first, 2, 5, 20);
    await until(() => seen[second].length === 40 && seen[first].length === 50);
    expect(new Set(seen[first]).size).toBe(50);
    expect(new Set(seen[second]).size).toBe(40);
  });

  test('run() resolves when the group is joined: what is sent afterwards arrives without fromBeginning', async () => {
    const topic = await broker().createTopic(1);
    await fill(topic, 1, 3);
    const consumer = await connect();
    const { seen, record, total } = recorder();
    const joins = [];
    consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => joins.push(payload));
    await consumer.subscribe({ topic });
    await consumer.run({
      eachMessage: async ({ partition, message }) => record(partition, message),
    });
    expect(joins).toHaveLength(1);
    expect(joins[0].memberAssignment).toEqual({ [topic]: [0] });
    expect(joins[0].memberId).not.toBe('');
    // Where "the end" is gets asked for after the join.
    await until(() => consumer.assignment().length === 1);
    for (let i = 0; total() === 0; i++) {
      await fill(topic, 1, 1, 100 + i);
      await new Promise((resolve) => {
        setTimeout(resolve, 20);
      });
    }
    expect(seen.get(0)[0]).toBeGreaterThanOrEqual(100);
  });

  test('a second member gets its share; nothing is skipped, nothing comes twice', async () => {
    const topic = await broker().createTopic(4);
    const groupId = newGroup();
    const { seen, record, total } = recorder();
    const consume = async () => {
      const consumer = await connect({ groupId });
      await consumer.subscribe({ topics: [topic], fromBeginning: true });
      await consumer.run({
        partitionsConsumedConcurrently: 2,
        eachMessage: async ({ partition, message }) => {
          record(partition, message);
          if (Number(message.value) % 50 === 0) await new Promise(setImmediate);
        },
      });
      return consumer;
    };
    await fill(topic, 4, 300);
    const first = await consume();
    await fill(topic, 4, 300, 300);
    const second = await consume();
    await until(() => first.assignment().length === 2 && second.assignment().length === 2);
    await fill(topic, 4, 300, 600);
    await until(() => total() >= 3_600);
    await second.disconnect();
    await until(() => first.assignment().length === 4);
    await fill(topic, 4, 300, 900);
    await until(() => total() >= 4_800);
    for (let partition = 0; partition < 4; partition++) {
      const values = seen.get(partition);
      if (broker().commitsWhileRebalancing) expect(values).toEqual(numbers(1_200));
      else expect(gaps(values)).toEqual([]);
    }
  });

  test('a cooperative rebalance leaves the partitions that stay alone', async () => {
    const { PartitionAssigners } = require('../../lib');
    const topic = await broker().createTopic(4);
    const options = {
      groupId: newGroup(),
      partitionAssigners: [PartitionAssigners.cooperativeSticky],
    };
    const revoked = [];
    const consume = async (onPartitionsRevoked) => {
      const consumer = await connect({ ...options, onPartitionsRevoked });
      await consumer.subscribe({ topics: [topic], fromBeginning: true });
      await consumer.run({ eachMessage: () => {} });
      return consumer;
    };
    const first = await consume((partitions) => void revoked.push(...partitions));
    await until(() => first.assignment().length === 4);
    const second = await consume();
    await until(() => second.assignment().length === 2);
    await until(() => first.assignment().length === 2);
    expect(revoked).toHaveLength(2);
  });

  test('sticky: whoever stays keeps what it had, when a member comes and when one goes', async () => {
    const { PartitionAssigners } = require('../../lib');
    const topic = await broker().createTopic(6);
    const options = { groupId: newGroup(), partitionAssigners: [PartitionAssigners.sticky] };
    const join = async () => {
      const consumer = await connect(options);
      await consumer.subscribe({ topics: [topic], fromBeginning: true });
      await consumer.run({ eachMessage: () => {} });
      return consumer;
    };
    const members = [];
    const partitions = () => members.map((member) => member.assignment().map((a) => a.partition));
    const shared = () =>
      until(() => {
        const all = partitions();
        const even = all.every((own) => own.length === 6 / members.length);
        return even && new Set(all.flat()).size === 6;
      }, 'an even share for each member');
    members.push(await join());
    members.push(await join());
    await shared();
    const ofTwo = partitions();
    members.push(await join());
    await shared();
    const ofThree = partitions();
    expect(ofTwo[0]).toEqual(expect.arrayContaining(ofThree[0]));
    expect(ofTwo[1]).toEqual(expect.arrayContaining(ofThree[1]));
    await members.shift().disconnect();
    await shared();
    const [second, third] = partitions();
    expect(second).toEqual(expect.arrayContaining(ofThree[1]));
    expect(third).toEqual(expect.arrayContaining(ofThree[2]));
  });

  test('onPartitionsRevoked is awaited, may commit, and knows that nothing was lost', async () => {
    const topic = await broker().createTopic(1);
    await fill(topic, 1, 5);
    const calls = [];
    let handled = 0;
    const consumer = await connect({
      onPartitionsAssigned: async (partitions) => void calls.push(['assigned', partitions]),
      onPartitionsRevoked: async (partitions, { lost }) => {
        await consumer.commitOffsets([{ topic, partition: 0, offset: '3', metadata: 'mine' }]);
        calls.push(['revoked', partitions, lost]);
      },
    });
    await consumer.subscribe({ topics: [topic], fromBeginning: true });
    await consumer.run({ autoCommit: false, eachMessage: () => void handled++ });
    await until(() => handled === 5);
    await consumer.stop();
    expect(calls).toEqual([
      ['assigned', [{ topic, partition: 0 }]],
      ['revoked', [{ topic, partition: 0 }], false],
    ]);
    const [committed] = await consumer.committed([{ topic, partition: 0 }]);
    expect(committed).toMatchObject({ offset: '3', metadata: 'mine' });
  });

  test('stop() lets the handler finish, and run() goes on from there', async () => {
    const topic = await broker().createTopic(1);
    await fill(topic, 1, 10);
    const consumer = await connect();
    const values = [];
    const reached = deferred();
    const release = deferred();
    await consumer.subscribe({ topics: [topic], fromBeginning: true });
    await consumer.run({
      eachMessage: async ({ message }) => {
        if (Number(message.value) === 4) {
          reached.resolve();
          await release.promise;
        }
        values.push(Number(message.value));
      },
    });
    await reached.promise;
    const stopped = consumer.stop();
    release.resolve();
    await stopped;
    expect(values).toEqual(numbers(5));
    expect(consumer.assignment()).toEqual([]);
    await consumer.run({
      eachMessage: async ({ message }) => void values.push(Number(message.value)),
    });
    await until(() => values.length === 10);
    expect(values).toEqual(numbers(10));
  });

  test('regular expressions follow new topics', async () => {
    const first = await broker().createTopic(1);
    const pattern = new RegExp(`^${first}`, 'g');
    await fill(first, 1, 1);
    const consumer = await connect({ metadataMaxAge: 300 });
    const topics = new Set();
    await consumer.subscribe({ topics: [pattern], fromBeginning: true });
    await consumer.run({ eachMessage: async ({ topic }) => void topics.add(topic) });
    await until(() => topics.has(first));
    const second = await broker().createTopic(1, `${first}-later`);
    await fill(second, 1, 1);
    await until(() => topics.has(second));
  });

  test('a topic that is made after the subscription is consumed from its first message, also without fromBeginning', async () => {
    const first = await broker().createTopic(1);
    await fill(first, 1, 1);
    const consumer = await connect({ metadataMaxAge: 300 });
    const values = new Map();
    await consumer.subscribe({ topics: [new RegExp(`^${first}`)], fromBeginning: false });
    await consumer.run({
      eachMessage: async ({ topic, message }) =>
        void values.set(topic, [...(values.get(topic) ?? []), Number(message.value)]),
    });
    const second = await broker().createTopic(1, `${first}-later`);
    await fill(second, 1, 3);
    await until(() => values.get(second)?.length === 3);
    expect([...values]).toEqual([[second, numbers(3)]]);
  });

  test('run() does not wait for a topic that matches', async () => {
    const name = `none-${newGroup()}`;
    const consumer = await connect({ metadataMaxAge: 300 });
    const seen = [];
    await consumer.subscribe({ topics: [new RegExp(`^${name}`)], fromBeginning: true });
    await consumer.run({ eachMessage: async ({ message }) => void seen.push(`${message.value}`) });
    expect(consumer.assignment()).toEqual([]);
    const topic = await broker().createTopic(1, name);
    await fill(topic, 1, 1);
    await until(() => seen.length === 1);
  });

  test('assign() consumes without the group', async () => {
    const topic = await broker().createTopic(2);
    await fill(topic, 2, 10);
    const consumer = await connect();
    const { seen, record, total } = recorder();
    await consumer.assign([{ topic, partition: 1, offset: '4' }]);
    await consumer.run({
      eachMessage: async ({ partition, message }) => record(partition, message),
    });
    await until(() => total() === 6);
    expect([...seen]).toEqual([[1, numbers(6, 4)]]);
  });
}

module.exports = { membership };
