'use strict';

const native = require('../../binding');
const { Client } = require('../client');
const { bindMethods } = require('../bind-methods');
const { setSaslCredentials } = require('../shared-methods');
const { randomBackoffMs } = require('../retry');
const { classes, fromNative, trimStack } = require('../../errors');
const { adminConfig } = require('../../options/config/admin');
const { unsupported } = require('../../options/validate');
const events = require('./events');
const topics = require('./topics');
const offsets = require('./offsets');
const configs = require('./configs');
const groups = require('./groups');
const acls = require('./acls');
const confluent = require('./confluent');

/** What is worth another attempt: somebody else is in charge meanwhile, or will be soon. */
const PASSING = new Set([
  'NOT_CONTROLLER',
  'NOT_COORDINATOR_FOR_GROUP',
  'GROUP_COORDINATOR_NOT_AVAILABLE',
  'GROUP_LOAD_IN_PROGRESS',
  'LEADER_NOT_AVAILABLE',
  'NOT_LEADER_FOR_PARTITION',
]);

/** Nothing was sent: the broker to ask was down. librdkafka tells this timeout apart by its text alone. */
function isUnsent({ librdkafkaName, message }) {
  return librdkafkaName === '_TIMED_OUT' && /waiting for (?:controller|broker)/.test(message);
}

/** KafkaJS's admin client; the methods are in the files beside this one. */
class Admin extends Client {
  #settings;
  #parent;

  /**
   * @param {import('../kafka').Shared} kafka
   * @param {object} options checked; see lib/options
   * @param {import('../client').Client} [parent] the client whose dependentAdmin() this is
   */
  constructor(kafka, options, parent) {
    super('admin', kafka, events, options);
    this.#parent = parent;
    this.#settings = adminConfig(kafka.options, options, []).settings;
    bindMethods(this);
  }

  async connect() {
    if (this.#parent !== undefined && this.#parent.state !== 'connected') {
      throw trimStack(this.#parent.notConnected());
    }
    return super.connect();
  }

  setSaslCredentials(credentials) {
    setSaslCredentials(this, this.handle === null ? [] : [this.handle], credentials);
  }

  config(brokers) {
    return adminConfig(this.kafka.options, this.options, brokers);
  }

  createNative({ entries }, onEvent) {
    return new native.Admin(entries, onEvent);
  }

  /** A request with the time KafkaJS gives it unless it says otherwise. */
  call(operation, args) {
    return this.request(operation, { timeoutMs: this.kafka.options.requestTimeout, ...args });
  }

  /** Throws the error of the first item that has one. */
  throwFirst(items) {
    const failed = items.find(({ error }) => error);
    if (failed === undefined) return;
    throw fromNative(failed.error, { topic: failed.topic, partition: failed.partition });
  }

  /** Runs `attempt` again, as `retry` says, while the failure is one that passes. */
  async retrying(attempt) {
    const { retry } = this.#settings;
    for (let count = 0; ; count += 1) {
      try {
        return await attempt();
      } catch (error) {
        const passing = error.retryNow ?? (PASSING.has(error.type) || isUnsent(error));
        if (!passing || this.state !== 'connected') throw trimStack(error);
        if (count >= retry.retries) {
          throw trimStack(
            new classes.KafkaJSNumberOfRetriesExceeded(error, { retryCount: count, cause: error }),
          );
        }
        const retryTime = randomBackoffMs(retry, count);
        this.logger().warn('An admin request has to be tried again', {
          error: error.message,
          retryCount: count,
          retryTime,
        });
        await new Promise((resolve) => {
          setTimeout(resolve, retryTime);
        });
      }
    }
  }

  async describeCluster() {
    const { brokers, controllerId, clusterId } = await this.call('metadata', { brokersOnly: true });
    return {
      brokers: brokers.map(({ id, host, port }) => ({ nodeId: id, host, port })),
      controller: controllerId == null || controllerId < 0 ? null : controllerId,
      clusterId,
    };
  }

  async alterPartitionReassignments() {
    throw unsupported(
      'admin.alterPartitionReassignments()',
      "librdkafka has no such request; use Kafka's kafka-reassign-partitions tool",
    );
  }

  async listPartitionReassignments() {
    throw unsupported(
      'admin.listPartitionReassignments()',
      "librdkafka has no such request; use Kafka's kafka-reassign-partitions tool",
    );
  }
}

/** `run(admin, ...args)` as a method of that name, whose errors begin at the caller; confluent's own in its style. */
function method(name, run) {
  const other = confluent[name] ?? run;
  const { [name]: value } = {
    async [name](...args) {
      try {
        return await (this.options.style === 'confluent' ? other : run)(this, ...args);
      } catch (error) {
        throw trimStack(error);
      }
    },
  };
  return { value, writable: true, configurable: true };
}

for (const methods of [topics, offsets, configs, groups, acls]) {
  for (const [name, run] of Object.entries(methods)) {
    Object.defineProperty(Admin.prototype, name, method(name, run));
  }
}

module.exports = { Admin };
