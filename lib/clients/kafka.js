'use strict';

const { kafkaOptions, clientOptions } = require('../options/kafka-options');
const { createLogger } = require('./logger');
const { Producer } = require('./producer');

/**
 * What the clients of a Kafka object share.
 * @typedef {{ options: object, logger: import('../index').Logger, instance: Kafka }} Shared
 */

class Kafka {
  #options;
  #logger;

  /** @param {import('../index').KafkaConfig} options KafkaJS's, or confluent's with a `kafkaJS` block */
  constructor(options) {
    this.#options = kafkaOptions(options);
    this.#logger = makeLogger(this.#options);
  }

  producer(options) {
    return new Producer(...this.#client('producer', options));
  }

  consumer(options) {
    const { Consumer } = require('./consumer');
    return new Consumer(...this.#client('consumer', options));
  }

  admin(options) {
    const { Admin } = require('./admin');
    return new Admin(...this.#client('admin', options));
  }

  logger() {
    return this.#logger;
  }

  /** For clients that no method of a Kafka object makes: what their constructors take. */
  static share(kafka, kind, options) {
    return kafka.#client(kind, options);
  }

  #client(kind, given) {
    const { kafka, options, changed } = clientOptions(this.#options, kind, given);
    // confluent gives a logger to a client as well.
    const logger =
      changed && kafka.logger !== this.#options.logger ? makeLogger(kafka) : this.#logger;
    return [{ options: kafka, logger, instance: this }, options];
  }
}

/** A logger of the user (confluent's style) is used as it is; KafkaJS's style has a logCreator. */
function makeLogger({ logger, logLevel, logCreator }) {
  if (logger === undefined) return createLogger({ level: logLevel, logCreator });
  logger.setLogLevel?.(logLevel);
  const own = Object.create(logger);
  if (typeof logger.namespace !== 'function') own.namespace = () => own;
  return own;
}

module.exports = { Kafka };
