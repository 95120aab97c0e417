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

  constructor({ kafka, transactionalId, consumer, producer, input, output, onHandled }) {
    this.#producer = kafka.producer({ ...producer, transactionalId, transactionTimeout: 10_000 });
    this.#consumer = kafka.consumer({
      retry: { retries: 1_000, initialRetryTime: 100, maxRetryTime: 500 },
      ...consumer,
    });
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

  async #transact(batch) {
    const transaction = await this.#producer.transaction();
    const messages = batch.messages
      .filter((message) => message.text() !== END)
      .map(({ value }) => ({ value, partition: batch.partition }));
    try {
      if (messages.length > 0) await transaction.send({ topic: this.#output, messages });
      const offset = String(Number(batch.lastOffset()) + 1);
      await transaction.sendOffsets({
        consumer: this.#consumer,
        topics: [{ topic: this.#input, partitions: [{ partition: batch.partition, offset }] }],
      });
      await transaction.commit();
    } catch (error) {
      if (!error.fatal && transaction.isActive()) await transaction.abort();
      throw error;
    }
  }

  /** A fatal error ends a producer: the next connection takes its transactional id over. */
  async #reconnect() {
    await this.#producer.disconnect();
    await this.#producer.connect();
  }

  async stop() {
    this.#isEnding = true;
    await this.#consumer.disconnect();
    await this.#producer.disconnect();
  }
}

module.exports = { Pipeline };
