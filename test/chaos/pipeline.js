'use strict';

const { END } = require('./reader');

/** Consumes, transforms and produces in transactions: a batch each, exactly once. */
class Pipeline {
  #producer;
  #consumer;
  #input;
  #output;
  #onHandled;
  #isEnding = false;
  /** How many transactions did not come to their end, by error code. */
  failures = new Map();
  #step = ['idle', Date.now()];

  constructor({ kafka, transactionalId, consumer, producer, input, output, onHandled, watch }) {
    this.#producer = kafka.producer({ ...producer, transactionalId, transactionTimeout: 10_000 });
    this.#consumer = kafka.consumer({
      retry: { retries: 1_000, initialRetryTime: 100, maxRetryTime: 500 },
      ...consumer,
    });
    watch(this.#consumer);
    this.#input = input;
    this.#output = output;
    this.#onHandled = onHandled;
  }

  async start() {
    await this.#producer.connect();
    await this.#consumer.connect();
    await this.#consumer.subscribe({ topics: [this.#input], fromBeginning: true });
    await this.#consumer.run({
      autoCommit: false,
      eachBatch: async ({ batch }) => {
        try {
          await this.#transact(batch);
        } catch (error) {
          const what = error.errorCode ?? error.message;
          this.failures.set(what, (this.failures.get(what) ?? 0) + 1);
          if (error.fatal && !this.#isEnding) await this.#reconnect();
          throw new Error('The transaction failed', { cause: error }); // the batch comes again
        }
        for (const message of batch.messages) this.#onHandled(batch.partition, message.text());
      },
    });
  }

  /** What it is doing, and for how long: for one that does not go on. */
  get state() {
    const [step, since] = this.#step;
    return `${step} for ${Date.now() - since} ms`;
  }

  #enter(step) {
    this.#step = [step, Date.now()];
  }

  async #transact(batch) {
    this.#enter('begin');
    const transaction = await this.#producer.transaction();
    const messages = batch.messages
      .filter((message) => message.text() !== END)
      .map(({ value }) => ({ value, partition: batch.partition }));
    try {
      this.#enter('send');
      if (messages.length > 0) await transaction.send({ topic: this.#output, messages });
      const offset = String(Number(batch.lastOffset()) + 1);
      this.#enter('group metadata');
      await this.#consumer.groupMetadata();
      this.#enter('offsets');
      await transaction.sendOffsets({
        consumer: this.#consumer,
        topics: [{ topic: this.#input, partitions: [{ partition: batch.partition, offset }] }],
      });
      this.#enter('commit');
      await transaction.commit();
      this.#enter('idle');
    } catch (error) {
      this.#enter(`abort after ${error.message}`);
      if (!error.fatal && transaction.isActive()) await transaction.abort();
      throw error;
    }
  }

  /** A fatal error ends a producer: the next connection takes its transactional id over. */
  async #reconnect() {
    this.#enter('reconnect');
    await this.#producer.disconnect();
    await this.#producer.connect();
    this.#enter('idle');
  }

  async stop() {
    this.#isEnding = true;
    await this.#consumer.disconnect();
    await this.#producer.disconnect();
  }
}

module.exports = { Pipeline };
