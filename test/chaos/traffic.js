'use strict';

// What runs while something is broken: producers, a group with automatic commits, transactions from the input to the output
// topic, and a reader of what they commit.

const path = require('node:path');
const { Kafka, logLevel } = require('../../lib');
const { Ledger, Recovery } = require('./ledger');
const { LineProcess } = require('./line-process');
const { NumberingProducer } = require('./producers');
const { Pipeline } = require('./pipeline');
const { readTopic, END } = require('./reader');

const PRODUCERS = 2;
const MEMBERS = 2;
const PIPELINES = 2;
const PARTITIONS = 6;
const LOOK_MS = 100;
const FLOWS = ['group', 'transactions', 'output'];
const MEMBER = path.join(__dirname, 'member.js');

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

class Traffic {
  #cluster;
  #settings;
  #log;
  #kafka;
  #producers = [];
  #consumers = [];
  #pipelines = [];
  #processes = new Set();
  #recoveries = new Set();
  #handled = 0;
  #crashes = [];
  ledger = new Ledger();
  partitions = PARTITIONS;
  /** What was sent before may be gone: the topic was deleted. */
  since = -Infinity;

  /**
   * @param {object} options
   * @param {string} options.name of topics and groups
   * @param {object} [options.settings] { consumer, producer }: options of the clients
   */
  constructor({ cluster, name, settings = {}, log }) {
    this.#cluster = cluster;
    this.#settings = settings;
    this.#log = log;
    this.#kafka = new Kafka({ brokers: cluster.bootstrap, logLevel: logLevel.NOTHING });
    this.input = `${name}-input`;
    this.output = `${name}-output`;
    this.groupId = `${name}-group`;
    this.pipelineGroupId = `${name}-transactions`;
  }

  get topics() {
    return [this.input, this.output];
  }

  async start() {
    await this.createTopics(this.topics);
    for (let at = 0; at < MEMBERS; at += 1) await this.#addMember();
    for (let at = 0; at < PIPELINES; at += 1) await this.#addPipeline(at);
    await this.#addReader();
    for (let at = 0; at < PRODUCERS; at += 1) {
      const options = { name: `p${at}`, topic: this.input, ledger: this.ledger };
      const client = this.#kafka.producer(this.#settings.producer);
      const producer = new NumberingProducer(client, options);
      this.#producers.push(producer);
      await producer.start();
    }
  }

  async createTopics(topics) {
    await this.#cluster.admin.createTopics({
      topics: topics.map((topic) => ({ topic, numPartitions: PARTITIONS, replicationFactor: 3 })),
      waitForLeaders: true,
    });
  }

  // ── Clients ───────────────────────────────────────────────────────────────────────────────────────────────────────

  #handledBy(flow, stream) {
    return (partition, id, at = Date.now()) => {
      if (id === END) return;
      stream?.push({ partition, id, at });
      this.#handled += 1;
      for (const recovery of this.#recoveries) {
        recovery.note(flow, partition, this.ledger.sentAt(id), at);
      }
    };
  }

  #watch(consumer, what) {
    consumer.on(consumer.events.CRASH, ({ payload: { error, restart } }) => {
      if (!restart) this.#crashes.push(`${what}: ${error.cause?.stack ?? error.stack}`);
    });
    return consumer;
  }

  async #addMember() {
    const consumer = this.#watch(this.#kafka.consumer(this.#memberOptions()), 'group');
    this.#consumers.push(consumer);
    const handled = this.#handledBy('group', this.ledger.stream('group'));
    await consumer.connect();
    await consumer.subscribe({ topics: [this.input], fromBeginning: true });
    await consumer.run({
      eachMessage: async ({ partition, message }) => handled(partition, message.text()),
    });
  }

  #memberOptions() {
    return { groupId: this.groupId, ...this.#settings.consumer };
  }

  async #addPipeline(at) {
    const pipeline = new Pipeline({
      kafka: this.#kafka,
      transactionalId: `${this.pipelineGroupId}-${at}`,
      consumer: { groupId: this.pipelineGroupId, ...this.#settings.consumer },
      producer: this.#settings.producer,
      input: this.input,
      output: this.output,
      watch: (consumer) => this.#watch(consumer, 'transactions'),
      onHandled: this.#handledBy('transactions', this.ledger.stream('transactions')),
    });
    this.#pipelines.push(pipeline);
    await pipeline.start();
  }

  async #addReader() {
    const options = { groupId: `${this.output}-reader`, ...this.#settings.consumer };
    const consumer = this.#watch(this.#kafka.consumer(options), 'reader');
    this.#consumers.push(consumer);
    const handled = this.#handledBy('output', null);
    await consumer.connect();
    await consumer.subscribe({ topics: [this.output], fromBeginning: true });
    await consumer.run({
      eachMessage: async ({ partition, message }) => handled(partition, message.text()),
    });
  }

  /** One more member of the group, a process: it may be killed. */
  addProcess() {
    const options = {
      brokers: this.#cluster.bootstrap,
      topic: this.input,
      consumer: this.#memberOptions(),
    };
    const handled = this.#handledBy('group', this.ledger.stream('group'));
    const member = new LineProcess(MEMBER, {
      args: [JSON.stringify(options)],
      onLine: (_, partition, id, at) => {
        member.isWorking = true;
        handled(Number(partition), id, Number(at));
      },
    });
    this.#processes.add(member);
    member.ended.then((how) => {
      this.#processes.delete(member);
      if (how !== 0 && how !== 'SIGKILL') this.#crashes.push(`member: ${how}\n${member.errors}`);
    });
    return member;
  }

  // ── What goes on ──────────────────────────────────────────────────────────────────────────────────────────────────

  get crashes() {
    return this.#crashes;
  }

  failures() {
    const all = new Map();
    for (const { failures } of [...this.#producers, ...this.#pipelines]) {
      for (const [what, count] of failures) all.set(what, (all.get(what) ?? 0) + count);
    }
    return Object.fromEntries(all);
  }

  /**
   * Until messages sent from now on have come out everywhere.
   *
   * @returns {Promise<number | null>} ms it took; null: it did not
   */
  async untilFlowing(timeoutMs) {
    const recovery = new Recovery(Date.now(), FLOWS, this.partitions);
    this.#recoveries.add(recovery);
    let timer;
    const late = new Promise((resolve) => {
      timer = setTimeout(resolve, timeoutMs, null);
    });
    const result = await Promise.race([recovery.done, late]);
    clearTimeout(timer);
    this.#recoveries.delete(recovery);
    if (result === null) {
      this.#log(`not flowing: ${recovery.missing.join(', ')}`);
      this.#log(`transactions: ${this.#pipelines.map(({ state }) => state).join('; ')}`);
      this.#log(`failures: ${JSON.stringify(this.failures())}`);
    } else this.#log(`flowing, ms: ${JSON.stringify(recovery.took)}`);
    return result;
  }

  /** Ends the producers, waits until the groups have all of it, and reads what is stored. */
  async settle(stallMs) {
    for (const member of this.#processes) member.kill('SIGTERM');
    await Promise.all(this.#producers.map((producer) => producer.stop()));
    const { partitions } = this;
    const read = (topic) => readTopic({ brokers: this.#cluster.direct, topic, partitions });
    const input = await read(this.input);
    await this.#untilHandled(input, stallMs);
    return { input, output: await read(this.output) };
  }

  async #untilHandled(input, stallMs) {
    let last = -1;
    let movedAt = Date.now();
    for (;;) {
      if (last !== this.#handled) {
        last = this.#handled;
        movedAt = Date.now();
        const groups = ['group', 'transactions'].map((group) => this.ledger.handledIds(group));
        if (groups.every((ids) => input.every(({ id }) => ids.has(id)))) return;
      } else if (Date.now() - movedAt > stallMs) return; // the check says what is missing
      await pause(LOOK_MS);
    }
  }

  async stop() {
    const processes = [...this.#processes];
    for (const member of processes) member.kill('SIGKILL');
    await Promise.all(processes.map(({ ended }) => ended));
    await Promise.allSettled([
      ...this.#producers.map((producer) => producer.disconnect()),
      ...this.#consumers.map((consumer) => consumer.disconnect()),
      ...this.#pipelines.map((pipeline) => pipeline.stop()),
    ]);
    await this.#cluster.admin.deleteTopics({ topics: this.topics });
  }
}

module.exports = { Traffic };
