'use strict';

// What a command works with: its options, the configured cluster, where its output goes. Everything that it opened is
// closed at its end.

const { Kafka } = require('../clients/kafka');
const { logLevel } = require('../clients/log-level');
const { loadCatalog } = require('../service/catalog/load');
const { resolveConfiguration, redactText } = require('../service/config');
const { Output } = require('./output');

const CLIENT_ID = 'easyflow-kafka-cli';

class Session {
  #closers = [];
  #configuration;
  #kafka;

  /** @param {object} options of the command @param {AbortSignal} signal aborts when the command shall end */
  constructor(options, signal) {
    this.options = options;
    this.signal = signal;
    this.output = new Output({ json: options.json === true, signal });
  }

  /** What resolveConfiguration() wants to know of the command line. */
  get sources() {
    const { brokers, bootstrapServers, config } = this.options;
    return {
      flags: { brokers, 'bootstrap-servers': bootstrapServers },
      defaults: { clientId: CLIENT_ID },
      ...(config !== undefined && { file: config, fileGivenBy: '--config' }),
    };
  }

  get configuration() {
    this.#configuration ??= resolveConfiguration(this.sources);
    return this.#configuration;
  }

  /** `new Kafka()` options, its log on stderr and silent unless it was asked for. */
  kafkaOptions({ kafka } = this.configuration) {
    const quiet = this.options.verbose ? logLevel.INFO : logLevel.NOTHING;
    return {
      ...kafka,
      logLevel: kafka.logLevel ?? quiet,
      logCreator:
        () =>
        ({ label, log }) => {
          process.stderr.write(`${label} ${redactText(log.message)}\n`);
        },
    };
  }

  get kafka() {
    this.#kafka ??= new Kafka(this.kafkaOptions());
    return this.#kafka;
  }

  /** The catalog of --catalog, with what the environment renames. */
  catalog(source = this.options.catalog) {
    const catalog = loadCatalog(source).withEnvironment(process.env);
    const { org } = this.options;
    return org === undefined ? catalog : catalog.withParameters({ org });
  }

  /** Its requests end with the command: what a producer or a consumer has in hand is finished instead. */
  async admin() {
    const admin = await this.#connected(this.kafka.admin());
    this.cutShort(() => admin.disconnect());
    return admin;
  }

  /** Calls `end` when the command shall end; one that fails then is no failure of its own. */
  cutShort(end) {
    const run = () => Promise.resolve(end()).catch(() => {});
    if (this.signal.aborted) run();
    else this.signal.addEventListener('abort', run, { once: true });
    return () => this.signal.removeEventListener('abort', run);
  }

  async producer(options) {
    return this.#connected(this.kafka.producer({ ...this.configuration.producer, ...options }));
  }

  async consumer(options) {
    return this.#connected(this.kafka.consumer({ ...this.configuration.consumer, ...options }));
  }

  async #connected(client) {
    this.onClose(() => client.disconnect());
    const connected = this.cutShort(() => client.disconnect());
    try {
      await client.connect();
    } finally {
      connected();
    }
    return client;
  }

  /** Called at the end, the last one first. */
  onClose(closer) {
    this.#closers.push(closer);
  }

  async close() {
    for (const closer of this.#closers.splice(0).reverse()) {
      try {
        await closer();
      } catch (error) {
        this.output.say(`Closing failed: ${redactText(error.message)}`);
      }
    }
    this.output.close();
  }
}

module.exports = { Session };
