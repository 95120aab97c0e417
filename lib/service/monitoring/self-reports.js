'use strict';

const { checkOptions, conflict, is } = require('../../options/validate');
const { Publisher } = require('../publisher');
const { shownBy } = require('./health');
const { Recorder } = require('./recorder');

const INTERVAL_MS = 60_000;
/** Reports that wait for the brokers: what comes beyond them is dropped and counted. */
const MAX_PENDING = 100;
/** How long the end of a service waits for its last reports. */
const LAST_WORDS_MS = 5_000;
/** What did not arrive in that time is given up. */
const GIVE_UP_MS = 100;

const shape = {
  audit: is.boolean,
  errors: is.boolean,
  metricsIntervalMs: is.integer(0, 2_147_483_647),
  healthIntervalMs: is.integer(0, 2_147_483_647),
};

const placeName = ({ topic, partition, offset }) => `${topic}/${partition}/${offset}`;

/** Of all topics. @param {import('./recorder').Recorder} recorder */
function figuresOf(recorder) {
  const figures = { retries: 0, buried: 0, sent: 0, sendFailed: 0 };
  for (const { retries, buried, sent, sendFailed } of recorder.topics.values()) {
    figures.retries += retries;
    for (const count of buried.values()) figures.buried += count;
    figures.sent += sent;
    figures.sendFailed += sendFailed;
  }
  const uptimeSeconds = Math.round((Date.now() - recorder.startedAt) / 1_000);
  return { uptimeSeconds, ...recorder.totals(), ...figures };
}

/**
 * What a service says of itself on the topics that its catalog has for that (`own`): audit of its starts, ends and dead
 * letters, its errors, its figures and its health.
 *
 * A report is worth nothing to who is being served: nothing waits for one, none fails anything, only so many are in hand. They
 * have a producer of their own, so that they stand in no queue of the service and its end does not wait for theirs.
 * A report about a report is none: the topics of reports are not reported on.
 */
class SelfReports {
  /** Reports that were not sent: no room, refused by the catalog, or failed. */
  dropped = 0;
  #service;
  #publisher;
  #options;
  #name;
  #topics;
  #pending = new Set();
  #timers = [];
  #said = new Set();
  /** Between start() and stop(): a report does not connect a producer by itself. */
  #isOn = false;

  /**
   * @param {import('../kafka-service').KafkaService} service
   * @param {true | { audit?: boolean, errors?: boolean, metricsIntervalMs?: number, healthIntervalMs?: number }} options
   *   all are on, every 60,000 ms; 0: never
   */
  constructor(service, options) {
    this.#service = service;
    this.#options = {
      audit: true,
      errors: true,
      metricsIntervalMs: INTERVAL_MS,
      healthIntervalMs: INTERVAL_MS,
      ...checkOptions(shape, options === true ? {} : options, 'reports', { prefix: 'reports.' }),
    };
    const { catalog, configuration } = service;
    this.#name = configuration.kafka.clientId ?? catalog.name;
    this.#topics = new Map(
      Object.entries(catalog.own).map(([use, id]) => [use, catalog.topic(id)]),
    );
    if (this.#topics.size === 0) {
      throw conflict(`The catalog ${catalog.name} has no topics for reports ($.own)`, 'reports');
    }
  }

  /** What is sent here does not count among the service's figures. */
  #publisherOf({ kafka, configuration, catalog }) {
    const options = { ...configuration.producer, disconnectTimeout: GIVE_UP_MS };
    // Two producers with one id would fence each other.
    delete options.transactionalId;
    return new Publisher({
      kafka,
      options,
      catalog,
      recorder: new Recorder(),
      clientId: configuration.kafka.clientId,
    });
  }

  start() {
    this.#publisher = this.#publisherOf(this.#service);
    const { metricsIntervalMs, healthIntervalMs } = this.#options;
    this.#isOn = true;
    this.audit('service.started');
    this.#every(healthIntervalMs, 'health', () => this.#health());
    this.#every(metricsIntervalMs, 'metrics', () => this.#metrics());
  }

  /** The last reports; resolves within seconds whether they arrive or not. */
  async stop() {
    for (const timer of this.#timers.splice(0)) clearInterval(timer);
    this.audit('service.stopped');
    this.#isOn = false;
    let timer;
    const late = new Promise((resolve) => {
      timer = setTimeout(resolve, LAST_WORDS_MS);
    });
    await Promise.race([Promise.allSettled(this.#pending), late]);
    clearTimeout(timer);
    await this.#publisher.disconnect().catch((error) => this.#failed('end', error));
  }

  /** @param {string} action @param {{ resource?: string, outcome?: string, details?: object }} [more] */
  audit(action, { resource, outcome = 'success', details = {} } = {}) {
    if (!this.#options.audit) return;
    const service = this.#name;
    const what = { service, action, actor: service, outcome, details };
    this.#report('audit', { ...what, ...(resource !== undefined && { resource }) });
  }

  /** A message was given up. */
  onBuried({ error, reason, ...place }) {
    const isOwn = [...this.#topics.values()].some(
      ({ id }) => this.#service.catalog.topicOf(place.topic)?.id === id,
    );
    if (isOwn) return;
    const resource = placeName(place);
    const message = shownBy(this.#service.configuration)(String(error?.message ?? error ?? ''));
    const { group, attempts, deadLetterTopic } = place;
    const details = { reason, message, group, attempts, deadLetterTopic };
    this.audit('dead-letter', { resource, outcome: 'failure', details });
    if (!this.#options.errors) return;
    const code = error?.errorCode ?? error?.code;
    this.#report('errors', {
      service: this.#name,
      message,
      ...(code !== undefined && { code: String(code) }),
      details: { ...details, resource },
    });
  }

  /** What a DLQHandler does from now on. @param {import('../dlq-handler').DLQHandler} handler */
  watch(handler) {
    handler.on('quarantined', ({ from, topic, to, why, group, automatic }) => {
      const details = { topic, to, why, group, automatic };
      this.audit('dead-letter.quarantined', { resource: placeName(from), details });
    });
    handler.on('retried', ({ from, topic, group, automatic, returns, released = false }) => {
      const action = released ? 'dead-letter.released' : 'dead-letter.retried';
      const details = { topic, group, automatic, returns };
      this.audit(action, { resource: placeName(from), details });
    });
  }

  async #health() {
    const { status, ...details } = await this.#service.recentHealth();
    this.#report('health', { service: this.#name, status, details });
  }

  #metrics() {
    const { recorder, rates } = this.#service;
    const metrics = { ...figuresOf(recorder), ...rates.read() };
    this.#report('metrics', { service: this.#name, metrics });
  }

  /** Now and then again and again; a look that takes longer is not doubled. */
  #every(intervalMs, use, look) {
    if (intervalMs === 0 || !this.#topics.has(use)) return;
    let isLooking = false;
    const run = async () => {
      if (isLooking) return;
      isLooking = true;
      try {
        await look();
      } catch (error) {
        this.#failed(use, error);
      } finally {
        isLooking = false;
      }
    };
    this.#timers.push(setInterval(run, intervalMs).unref());
    run();
  }

  #report(use, data) {
    const topic = this.#topics.get(use);
    if (topic === undefined || !this.#isOn) return;
    if (this.#pending.size >= MAX_PENDING) {
      this.#failed(use, new Error(`${MAX_PENDING} reports wait for the brokers`));
      return;
    }
    const [type] = topic.events;
    const event = { type, data, metadata: { source: this.#name } };
    const sending = this.#publisher
      .publish(topic.id, event)
      .catch((error) => this.#failed(use, error))
      .finally(() => this.#pending.delete(sending));
    this.#pending.add(sending);
  }

  /** The log has the first one of each kind: the next ones would say the same. */
  #failed(use, error) {
    this.dropped += 1;
    if (this.#said.has(use)) return;
    this.#said.add(use);
    this.#service.logger.warn('A report of the service itself was not sent', {
      report: use,
      error: error.message,
    });
  }
}

module.exports = { SelfReports };
