'use strict';

// Publishes deadline_approaching (3 days before) and deadline_overdue for the schedules on schedule-events, each exactly once
// for a deadline, however often it is restarted or killed, and however many of it run.
//
// What it knows is a compacted topic. An event and the word that it was said are one transaction, so both are there or
// neither; whoever starts takes the transactional id over, and whoever had it before cannot publish any more.

const { randomUUID } = require('node:crypto');
const { setTimeout: delay } = require('node:timers/promises');
const { run, ended } = require('../lib/program');
const { integer, COMMON_HELP } = require('../lib/flags');
const { openCluster } = require('../lib/cluster');
const { envelope } = require('../../lib/service');
const { Topics } = require('../../lib/presets/spm');
const { taskIdOf, after, due } = require('./deadlines');

const usage = `node examples/spm/deadline-scheduler.js [options]
  --now TIME                 what the clock says at the start, as in 2026-01-31T12:00:00Z; default: it is right
  --interval MS              between two looks at the clock, default 1000
  --name NAME                of group, transactional id and (with .state) compacted topic; default spm-deadline-scheduler
  --topic NAME               default ${Topics.SCHEDULE_EVENTS}
${COMMON_HELP}`;

/** How long the schedules of one that was killed wait for the next one. */
const SESSION_MS = 6_000;
const CATCH_UP_LOOK_MS = 20;
/** Events of one transaction. */
const AT_ONCE = 20;
/** State has one partition: its order is that of what happened. */
const PARTITION = 0;
const START = '#start';

const spm = envelope('spm');

class DeadlineScheduler {
  /** Task id -> what is known of its deadline. */
  #known = new Map();
  #last = Promise.resolve();

  constructor({ cluster, topic, name, now }) {
    Object.assign(this, { cluster, topic, name, now });
    this.state = `${name}.state`;
    this.producer = cluster.kafka.producer({
      transactionalId: name,
      idempotent: true,
      maxInFlightRequests: 1,
    });
    this.consumer = cluster.kafka.consumer({
      groupId: name,
      sessionTimeout: SESSION_MS,
      ...cluster.consumerOptions,
    });
  }

  async start() {
    await this.cluster.ensureTopics([this.topic], 3);
    await this.cluster.ensureTopics([this.state], 1, { 'cleanup.policy': 'compact' });
    await this.producer.connect();
    // The first transaction ends that of a scheduler before us. Behind its record nobody else's can come.
    const start = randomUUID();
    await this.#transaction(async (transaction) => {
      await this.#write(transaction, START, start);
      return new Map();
    });
    await this.#readState(start);
    await this.consumer.connect();
    await this.consumer.subscribe({ topic: this.topic, fromBeginning: true });
  }

  async stop() {
    await this.consumer.disconnect();
    await this.#last;
    await this.producer.disconnect();
  }

  /**
   * One after another: a producer has one transaction at a time. `work` says what is known after it, by task id.
   *
   * @param {(transaction: object) => Promise<Map<string, object | null>>} work
   */
  #transaction(work) {
    const result = this.#last.then(async () => {
      const transaction = await this.producer.transaction();
      let changes;
      try {
        changes = await work(transaction);
        await transaction.commit();
      } catch (error) {
        await transaction.abort().catch(() => {}); // who was replaced cannot even do that
        throw error;
      }
      for (const [taskId, known] of changes) this.#remember(taskId, known);
      return changes;
    });
    this.#last = result.catch(() => {});
    return result;
  }

  #writeAll(transaction, changes) {
    return Promise.all([...changes].map(([key, value]) => this.#write(transaction, key, value)));
  }

  #write(transaction, key, value) {
    const messages = [{ partition: PARTITION, key, value: value && JSON.stringify(value) }];
    return transaction.send({ topic: this.state, messages });
  }

  #remember(taskId, known) {
    if (known === null) this.#known.delete(taskId);
    else this.#known.set(taskId, known);
  }

  /** All that is known, up to our own first record. */
  async #readState(start) {
    const { kafka, consumerOptions } = this.cluster;
    const reader = kafka.consumer({ groupId: `${this.name}.reader`, ...consumerOptions });
    const isRead = new AbortController();
    try {
      await reader.connect();
      await reader.assign([{ topic: this.state, partition: PARTITION, offset: '0' }]);
      await reader.run({
        autoCommit: false,
        eachMessage: async ({ message: { key, value } }) => {
          const known = value && JSON.parse(value);
          if (String(key) !== START) this.#remember(String(key), known);
          else if (known === start) isRead.abort();
        },
      });
      await ended(isRead.signal);
    } finally {
      await reader.disconnect();
    }
  }

  async #ends() {
    const admin = this.cluster.kafka.admin();
    await admin.connect();
    try {
      return await admin.fetchTopicOffsets(this.topic);
    } catch (error) {
      // The embedded broker makes it with the first schedule.
      if (error.type === 'UNKNOWN_TOPIC_OR_PARTITION') return [];
      throw error;
    } finally {
      await admin.disconnect();
    }
  }

  /** Resolves when what was there at the call is followed, also what another scheduler has to give back first. */
  async catchUp(signal) {
    const ends = await this.#ends();
    for (;;) {
      const positions = new Map(
        (await this.consumer.lag()).map(({ partition, position }) => [partition, position]),
      );
      const isBehind = ({ partition, high }) =>
        BigInt(positions.get(partition) ?? -1) < BigInt(high);
      if (!ends.some(isBehind)) return;
      await delay(CATCH_UP_LOOK_MS, undefined, { signal });
    }
  }

  /** Follows the schedules: what is known, and how far was read, are one transaction. */
  async follow(onFailure) {
    await this.consumer.run({
      autoCommit: false,
      eachBatch: async ({ batch }) => {
        await this.#transaction((transaction) => this.#follow(transaction, batch)).catch(
          (error) => {
            onFailure(error);
            throw error;
          },
        );
      },
    });
  }

  async #follow(transaction, { topic, partition, messages }) {
    const changes = new Map();
    for (const message of messages) {
      const { type, payload } = read(message);
      const taskId = payload && taskIdOf(payload);
      if (taskId === undefined) continue;
      const known = changes.has(taskId) ? changes.get(taskId) : this.#known.get(taskId);
      const next = after(known ?? undefined, type, payload);
      if (next !== undefined) changes.set(taskId, next);
    }
    await this.#writeAll(transaction, changes);
    const offset = String(BigInt(messages.at(-1).offset) + 1n);
    await transaction.sendOffsets({
      consumerGroupId: this.name,
      topics: [{ topic, partitions: [{ partition, offset }] }],
    });
    return changes;
  }

  /** Publishes what is due. */
  async look() {
    for (;;) {
      const now = this.now();
      if (![...this.#known.values()].some((known) => due(known, now) !== null)) return;
      const published = await this.#transaction((transaction) => this.#publish(transaction, now));
      for (const [taskId, { said }] of published) {
        process.stdout.write(`${said.at(-1)} ${taskId}\n`);
      }
    }
  }

  async #publish(transaction, now) {
    const changes = new Map();
    const messages = [];
    for (const [taskId, known] of this.#known) {
      if (changes.size === AT_ONCE) break;
      const type = due(known, now);
      if (type === null) continue;
      const { schedule, said } = known;
      const eventId = `${taskId}:${type}:${new Date(schedule.deadline).toISOString()}`;
      const context = { eventId, time: new Date(now).toISOString() };
      messages.push({ key: taskId, ...spm.encode({ type, data: schedule, context }) });
      changes.set(taskId, { schedule, said: [...said, type] });
    }
    if (messages.length > 0) await transaction.send({ topic: this.topic, messages });
    await this.#writeAll(transaction, changes);
    return changes;
  }
}

/** What is no event says nothing about a deadline. */
function read({ value, headers }) {
  try {
    return spm.decode(value, headers);
  } catch (error) {
    if (error.errorCode !== 'ERR_KAFKA_ENVELOPE') throw error;
    return {};
  }
}

async function main({ flags, signal, stop, say }) {
  const cluster = await openCluster({ flags, clientId: flags.name, say, stop });
  const ahead = (flags.now ?? Date.now()) - Date.now();
  const now = () => Date.now() + ahead;
  const scheduler = new DeadlineScheduler({ cluster, now, topic: flags.topic, name: flags.name });
  const onFailure = (error) => {
    const wasReplaced = error.errorCode === 'ERR_KAFKA_FENCED';
    if (wasReplaced && !signal.aborted) say('Another scheduler has taken over; this one ends.');
    stop(wasReplaced ? undefined : error);
  };
  let timer;
  const lookLater = () => {
    if (signal.aborted) return;
    timer = setTimeout(() => scheduler.look().then(lookLater, onFailure), flags.interval);
  };
  try {
    await scheduler.start();
    await scheduler.follow(onFailure);
    // A deadline may have been put off while no scheduler ran.
    await scheduler.catchUp(signal);
    say(`Watching the deadlines of ${flags.topic}; Ctrl-C to end.`);
    lookLater();
    await ended(signal);
  } catch (error) {
    onFailure(error);
  } finally {
    clearTimeout(timer);
    await scheduler.stop();
    cluster.close();
  }
}

const time = {
  type: 'string',
  what: 'a date and time',
  parse: (text) => (Number.isFinite(Date.parse(text)) ? Date.parse(text) : undefined),
};

run({
  usage,
  flags: {
    now: time,
    interval: { ...integer(1, 86_400_000), default: 1_000 },
    name: { type: 'string', default: 'spm-deadline-scheduler' },
    topic: { type: 'string', default: Topics.SCHEDULE_EVENTS },
  },
  main,
});
