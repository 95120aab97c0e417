'use strict';

const path = require('node:path');
const { spawn } = require('node:child_process');
const { realBroker } = require('../shared/brokers');
const {
  clientsOf,
  eventually,
  rejection,
  text,
  numbers,
  unique,
  until,
} = require('../shared/clients');

describe('Transactions on real Kafka', () => {
  const broker = realBroker();
  const { producer, consumer, admin, newTopic, readAll, readUntil } = clientsOf(broker);
  const transactional = (options) =>
    producer({
      transactionalId: unique('tx'),
      maxInFlightRequests: 1,
      idempotent: true,
      ...options,
    });
  const values = (messages) => messages.map(({ value }) => text(value));

  /** What readers of committed messages see: a last message tells that nothing is still to come. */
  async function committedValues(topic) {
    const client = await producer();
    await client.send({ topic, messages: [{ value: 'end' }] });
    const all = await readUntil(topic, (messages) => values(messages).at(-1) === 'end');
    return values(all).slice(0, -1);
  }

  /** A commit is answered before its markers are written. */
  const committedOffset = async (groupId, topic) => {
    const [{ partitions }] = await (await admin()).fetchOffsets({ groupId, topics: [topic] });
    return partitions[0].offset;
  };

  test('lag() is 0 when all is read, though a transaction’s marker or an aborted one is what comes last', async () => {
    const topic = await newTopic();
    const client = await transactional();
    const reader = await consumer({ groupId: unique('group') });
    await reader.subscribe({ topic, fromBeginning: true });
    const seen = [];
    await reader.run({ eachMessage: async ({ message }) => seen.push(text(message.value)) });
    for (const [value, end, high] of [
      ['a', 'commit', '2'],
      ['b', 'abort', '4'],
      ['c', 'commit', '6'],
    ]) {
      const transaction = await client.transaction();
      await transaction.send({ topic, messages: [{ value }] });
      await transaction[end]();
      await eventually(
        () => reader.lag(),
        [{ topic, partition: 0, position: high, low: '0', high, lag: '0' }],
      );
    }
    expect(seen).toEqual(['a', 'c']);
  });

  test('commit shows all of it, abort nothing, to readers of committed messages', async () => {
    const [one, two] = [await newTopic(), await newTopic()];
    const client = await transactional();
    const first = await client.transaction();
    expect(await first.send({ topic: one, messages: [{ value: 'a' }] })).toMatchObject([
      { topicName: one, partition: 0, errorCode: 0, baseOffset: '0' },
    ]);
    await first.sendBatch({
      topicMessages: [
        { topic: one, messages: [{ value: 'b' }] },
        { topic: two, messages: [{ value: 'c' }] },
      ],
    });
    await first.commit();
    const second = await client.transaction();
    await second.send({ topic: one, messages: [{ value: 'aborted' }] });
    await second.send({ topic: two, messages: [{ value: 'aborted' }] });
    await second.abort();
    const third = await client.transaction();
    await third.send({ topic: two, messages: [{ value: 'd' }] });
    await third.commit();
    expect(await committedValues(one)).toEqual(['a', 'b']);
    expect(await committedValues(two)).toEqual(['c', 'd']);
    const uncommitted = await readUntil(one, (all) => values(all).at(-1) === 'end', {
      readUncommitted: true,
    });
    expect(values(uncommitted)).toEqual(['a', 'b', 'aborted', 'end']);
  });

  test('an open transaction hides itself and what comes behind, until it ends', async () => {
    const topic = await newTopic();
    const client = await transactional();
    const plain = await producer();
    const transaction = await client.transaction();
    await transaction.send({ topic, messages: [{ value: 'in' }] });
    await plain.send({ topic, messages: [{ value: 'behind' }] });
    const seen = { committed: [], all: [] };
    for (const [name, readUncommitted] of [
      ['committed', false],
      ['all', true],
    ]) {
      const reader = await consumer({ readUncommitted });
      await reader.assign([{ topic, partition: 0, offset: '0' }]);
      await reader.run({
        eachMessage: async ({ message }) => void seen[name].push(message.text()),
      });
    }
    await until(() => seen.all.length === 2, 'uncommitted messages');
    expect(seen.committed).toEqual([]);
    await transaction.commit();
    await until(() => seen.committed.length === 2, 'committed messages');
    expect(seen.committed).toEqual(['in', 'behind']);
  });

  test.each(['consumerGroupId', 'consumer'])(
    'sendOffsets() with %s: committed with the transaction, dropped with an abort',
    async (how) => {
      const [input, output] = [await newTopic(), await newTopic()];
      const client = await transactional();
      const groupId = unique('group');
      const plain = await producer();
      await plain.send({ topic: input, messages: numbers(10).map((i) => ({ value: `${i}` })) });
      let seen = 0;
      const reader = await consumer({ groupId });
      if (how === 'consumer') {
        await reader.subscribe({ topics: [input], fromBeginning: true });
        await reader.run({ autoCommit: false, eachMessage: async () => void (seen += 1) });
        await until(() => seen === 10, 'the input');
      }
      const whose = how === 'consumer' ? { consumer: reader } : { consumerGroupId: groupId };
      const offsets = (offset) => ({
        ...whose,
        topics: [{ topic: input, partitions: [{ partition: 0, offset }] }],
      });
      const aborted = await client.transaction();
      await aborted.send({ topic: output, messages: [{ value: 'no' }] });
      await aborted.sendOffsets(offsets('5'));
      await aborted.abort();
      expect(await committedOffset(groupId, input)).toBe('-1');
      const kept = await client.transaction();
      await kept.send({ topic: output, messages: [{ value: 'yes' }] });
      await kept.sendOffsets(offsets('7'));
      await kept.commit();
      await eventually(() => committedOffset(groupId, input), '7');
      expect(await committedValues(output)).toEqual(['yes']);
    },
  );

  test('sendOffsets() of a consumer that left its group is refused, and the transaction is abortable', async () => {
    const [input, output] = [await newTopic(), await newTopic()];
    const client = await transactional();
    await (await producer()).send({ topic: input, messages: [{ value: 'x' }] });
    const groupId = unique('group');
    const reader = await consumer({ groupId });
    let seen = 0;
    await reader.subscribe({ topics: [input], fromBeginning: true });
    await reader.run({ autoCommit: false, eachMessage: async () => void (seen += 1) });
    await until(() => seen === 1, 'the input');
    const { members } = await reader.describeGroup();
    expect(members).toHaveLength(1);
    const transaction = await client.transaction();
    await transaction.send({ topic: output, messages: [{ value: 'x' }] });
    // The group throws it out behind its back: its generation is not the group's any more.
    const other = await consumer({ groupId });
    await other.subscribe({ topics: [input] });
    await other.run({ autoCommit: false, eachMessage: async () => {} });
    await reader.stop();
    const error = await rejection(
      transaction.sendOffsets({
        consumer: reader,
        topics: [{ topic: input, partitions: [{ partition: 0, offset: '1' }] }],
      }),
    );
    expect(error).toMatchObject({ fatal: false });
    await transaction.abort();
    const next = await client.transaction();
    await next.send({ topic: output, messages: [{ value: 'next' }] });
    await next.commit();
    expect(await committedValues(output)).toEqual(['next']);
  });

  test('sendOffsets() of a zombie, whose generation the group has left behind, is refused by the broker', async () => {
    const [input, output] = [await newTopic(2), await newTopic()];
    const client = await transactional();
    const groupId = unique('group');
    const reader = await consumer({ groupId });
    await reader.subscribe({ topics: [input] });
    await reader.run({ autoCommit: false, eachMessage: async () => {} });
    await until(() => reader.assignment().length === 2, 'both partitions');
    // What a process that hung since then would still send.
    const stale = await reader.groupMetadata();
    const zombie = { request: async () => stale };
    const successor = await consumer({ groupId });
    await successor.subscribe({ topics: [input] });
    await successor.run({ autoCommit: false, eachMessage: async () => {} });
    await until(
      () => reader.assignment().length === 1 && successor.assignment().length === 1,
      'a partition each',
    );
    const offsets = (who) => ({
      consumer: who,
      topics: [{ topic: input, partitions: [{ partition: 0, offset: '1' }] }],
    });
    const transaction = await client.transaction();
    await transaction.send({ topic: output, messages: [{ value: 'zombie' }] });
    const error = await rejection(transaction.sendOffsets(offsets(zombie)));
    expect(error).toMatchObject({ type: 'ILLEGAL_GENERATION', abortable: true, fatal: false });
    await transaction.abort();
    const next = await client.transaction();
    await next.send({ topic: output, messages: [{ value: 'alive' }] });
    await next.sendOffsets(offsets(reader));
    await next.commit();
    await eventually(() => committedOffset(groupId, input), '1');
    expect(await committedValues(output)).toEqual(['alive']);
  });

  test('a second producer with the same transactional id fences the first: fatal, and the first stays so', async () => {
    const topic = await newTopic();
    const transactionalId = unique('tx');
    const first = await transactional({ transactionalId });
    const transaction = await first.transaction();
    await transaction.send({ topic, messages: [{ value: 'zombie' }] });
    const second = await transactional({ transactionalId });
    const takeover = await second.transaction();
    await takeover.send({ topic, messages: [{ value: 'second' }] });
    await takeover.commit();
    const error = await rejection(
      transaction
        .send({ topic, messages: [{ value: 'zombie again' }] })
        .then(() => transaction.commit()),
    );
    expect(error).toMatchObject({
      errorCode: 'ERR_KAFKA_FENCED',
      fatal: true,
      retriable: false,
      name: expect.stringMatching(/^KafkaJS/),
    });
    expect(error.stack).toContain(__filename);
    expect(await rejection(first.transaction())).toMatchObject({ fatal: true });
    expect(await committedValues(topic)).toEqual(['second']);
    // After a new connect() it takes over in turn.
    await first.disconnect();
    await first.connect();
    const again = await first.transaction();
    await again.send({ topic, messages: [{ value: 'first again' }] });
    await again.commit();
    expect(await committedValues(topic)).toEqual(['second', 'end', 'first again']);
  });

  test('a transaction the broker timed out is a typed error', async () => {
    const topic = await newTopic();
    const client = await transactional({ transactionTimeout: 5_000 });
    const transaction = await client.transaction();
    await transaction.send({ topic, messages: [{ value: 'late' }] });
    // The broker looks for such transactions every 10 s; readers tell when it did.
    expect(await committedValues(topic)).toEqual([]);
    const error = await rejection(transaction.commit());
    expect(error.fatal || error.abortable).toBe(true);
    expect(['ERR_KAFKA_FENCED', 'ERR_KAFKA_TRANSACTION_ABORTABLE']).toContain(error.errorCode);
  });

  test('a failed send makes the transaction abortable; after abort() the next one is fine', async () => {
    const topic = await newTopic();
    const client = await transactional();
    const transaction = await client.transaction();
    await transaction.send({ topic, messages: [{ value: 'fine' }] });
    const failed = await rejection(
      transaction.send({ topic, messages: [{ value: Buffer.alloc(1_500_000) }] }),
    );
    expect(failed).toMatchObject({ errorCode: 'ERR_KAFKA_MESSAGE_TOO_LARGE', fatal: false });
    const error = await rejection(transaction.commit());
    expect(error).toMatchObject({ abortable: true, fatal: false });
    expect(transaction.isActive()).toBe(true);
    await transaction.abort();
    expect(transaction.isActive()).toBe(false);
    const next = await client.transaction();
    await next.send({ topic, messages: [{ value: 'next' }] });
    await next.commit();
    expect(await committedValues(topic)).toEqual(['next']);
  });

  test('misuse is a typed error: two at once, use after the end, without an id', async () => {
    const topic = await newTopic();
    const client = await transactional();
    const outcomes = await Promise.allSettled([
      client.transaction(),
      client.transaction(),
      client.transaction(),
    ]);
    const begun = outcomes.filter(({ status }) => status === 'fulfilled');
    expect(begun).toHaveLength(1);
    for (const { reason } of outcomes.filter(({ status }) => status === 'rejected')) {
      expect(reason).toMatchObject({
        name: 'KafkaJSNonRetriableError',
        errorCode: 'ERR_KAFKA_STATE',
        message: expect.stringContaining('already an ongoing transaction'),
      });
    }
    const transaction = begun[0].value;
    await transaction.send({ topic, messages: [{ value: 'x' }] });
    const ends = await Promise.allSettled([transaction.commit(), transaction.commit()]);
    expect(ends.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
    for (const call of [
      () => transaction.send({ topic, messages: [{ value: 'late' }] }),
      () => transaction.sendBatch({ topicMessages: [] }),
      () => transaction.sendOffsets({ consumerGroupId: 'g', topics: [] }),
      () => transaction.commit(),
      () => transaction.abort(),
    ]) {
      expect(await rejection(call())).toMatchObject({
        errorCode: 'ERR_KAFKA_STATE',
        message: expect.stringContaining('once ended'),
      });
    }
    const plain = await producer();
    expect(await rejection(plain.transaction())).toMatchObject({ errorCode: 'ERR_KAFKA_STATE' });
    expect(await committedValues(topic)).toEqual(['x']);
  });

  test('disconnect() aborts what is open: readers need not wait for its timeout', async () => {
    const topic = await newTopic();
    const client = await transactional();
    const transaction = await client.transaction();
    await transaction.send({ topic, messages: [{ value: 'open' }] });
    await client.disconnect();
    expect(await committedValues(topic)).toEqual([]);
  });

  test('a hundred transactions in a row, with plain sends of the same producer beside them', async () => {
    const topic = await newTopic();
    const client = await transactional();
    const expected = [];
    for (let i = 0; i < 100; i += 1) {
      const transaction = await client.transaction();
      await Promise.all(
        numbers(10).map((n) => transaction.send({ topic, messages: [{ value: `${i}.${n}` }] })),
      );
      if (i % 3 === 0) await transaction.abort();
      else {
        await transaction.commit();
        expected.push(...numbers(10).map((n) => `${i}.${n}`));
      }
    }
    expect(await committedValues(topic)).toEqual(expected);
  });

  test('consume, transform, produce: 20,000 messages exactly once, though the process is killed', async () => {
    const total = 20_000;
    const [input, output] = [await newTopic(3), await newTopic(3)];
    const plain = await producer();
    await plain.send({
      topic: input,
      messages: numbers(total).map((i) => ({ key: `${i}`, value: `${i}`, partition: i % 3 })),
    });
    const order = {
      bootstrap: broker.bootstrap,
      input,
      output,
      groupId: unique('group'),
      transactionalId: unique('tx'),
      total,
    };
    /** Runs the program; one that hangs amid a transaction is killed there. */
    const run = (hang) =>
      new Promise((resolve, reject) => {
        const program = path.join(__dirname, 'programs', 'exactly-once.js');
        const child = spawn(process.execPath, [program, JSON.stringify({ ...order, hang })], {
          stdio: ['ignore', 'pipe', 'inherit'],
        });
        let output = '';
        child.stdout.setEncoding('utf8').on('data', (chunk) => {
          output += chunk;
          if (output.includes('hangs\n')) child.kill('SIGKILL');
        });
        child.on('error', reject);
        child.on('close', (code, signal) => {
          resolve({ code, signal, commits: output.split('committed').length - 1 });
        });
      });
    const first = await run({ transaction: 4, behind: 'send' });
    expect(first.signal).toBe('SIGKILL');
    expect(first.commits).toBeGreaterThan(0);
    const second = await run({ transaction: 9, behind: 'sendOffsets' });
    expect(second.signal).toBe('SIGKILL');
    expect(await run()).toMatchObject({ code: 0, signal: null });
    const seen = [];
    const reader = await consumer();
    await reader.assign([0, 1, 2].map((partition) => ({ topic: output, partition, offset: '0' })));
    await reader.run({
      eachMessage: async ({ message }) => void seen.push(Number(message.text())),
    });
    const end = await producer();
    await end.send({
      topic: output,
      messages: [0, 1, 2].map((partition) => ({ partition, value: '-1' })),
    });
    await until(() => seen.filter((value) => value === -1).length === 3, 'the ends');
    const results = seen.filter((value) => value !== -1).sort((a, b) => a - b);
    expect(results).toHaveLength(total);
    expect(results).toEqual(numbers(total).map((i) => i * 2));
    expect(await readAll(input, { partitions: 3 })).toHaveLength(total);
  });
});
