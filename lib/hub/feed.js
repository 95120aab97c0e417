'use strict';

// The Kafka side of a hub: all partitions of its topics, from where it has to begin, and what changes about them.

const { FeedClient } = require('./feed-client');
const { Progress } = require('./progress');
const { compactedTopics, describeTopics, epochOf, placesOf } = require('./topics');

const PROGRESS_MS = 100;
/** Of a look that an error asks for: the cluster may not know yet itself. */
const SOON_MS = 500;
/** Without a right to topics' settings, or on a broker that has none, the option says which topics are compacted. */
const UNKNOWN_SETTINGS = new Set(['ERR_KAFKA_API_NOT_SUPPORTED', 'ERR_KAFKA_AUTHORIZATION']);

const keyOf = ({ topic, partition }) => `${topic}:${partition}`;

/** For the native hub. */
const placesJson = (places) =>
  JSON.stringify(
    places.map(({ topic, partition, id, start, compacted }) => ({
      topic,
      partition,
      id,
      start: String(start),
      compacted,
    })),
  );

/**
 * @typedef {object} FeedHooks
 * @property {() => void} onBegin everything is read anew from here
 * @property {(progress: object) => void} onProgress
 * @property {() => void} onCaughtUp all that was there at the beginning is read
 * @property {(error: Error) => void} onError
 */

class Feed {
  #native;
  #options;
  #logger;
  #hooks;
  #admin;
  #client;
  #clusterId = null;
  #described = [];
  #places = [];
  #progress = new Progress();
  #isCaughtUp = false;
  #lookTimer = null;
  #progressTimer = null;
  #looking = Promise.resolve();
  #stopped = false;

  /**
   * @param {object} parts
   * @param {import('../clients/kafka').Kafka} parts.kafka
   * @param {import('../native').Hub} parts.native
   * @param {object} parts.options result of hubOptions()
   * @param {import('../index').Logger} parts.logger
   * @param {FeedHooks} parts.hooks
   */
  constructor({ kafka, native, options, logger, hooks }) {
    this.#native = native;
    this.#options = options;
    this.#logger = logger;
    this.#hooks = hooks;
    this.#admin = kafka.admin();
    this.#client = new FeedClient(kafka, native, {
      onPartitionError: (error) => this.#onPartitionError(error),
      // Whatever passes is logged by librdkafka; that the group is refused is nothing to a hub.
      onError: (error) => error.fatal && this.#hooks.onError(error),
    });
  }

  /** Resolves when reading has begun. */
  async start() {
    await Promise.all([this.#admin.connect(), this.#client.connect()]);
    ({ clusterId: this.#clusterId } = await this.#admin.describeCluster());
    await this.#begin(await this.#describe());
    this.#schedule(this.#options.metadataIntervalMs);
  }

  async stop() {
    this.#stopped = true;
    clearTimeout(this.#lookTimer);
    clearTimeout(this.#progressTimer);
    await this.#looking;
    await Promise.all([this.#client.disconnect(), this.#admin.disconnect()]);
  }

  /** The event 'end' of the native hub. */
  onEnd(place) {
    this.#progress.onEnd(place);
    this.#checkCaughtUp();
  }

  // ── Topics ────────────────────────────────────────────────────────────────────────────────────────────────────────

  #describe() {
    return describeTopics(
      this.#admin,
      this.#options.topics.map(({ topic }) => topic),
    );
  }

  /** All state is of these topics: the first time, and when one of them is another one of the same name. */
  async #begin(described) {
    const { from, window } = this.#options;
    this.#isCaughtUp = false;
    this.#hooks.onBegin();
    // Nothing of the old topics may come after the shards were told of the new ones.
    await this.#client.assign([]);
    this.#places = [];
    this.#progress = new Progress();
    const compacted = await this.#compacted();
    const all = from === 'beginning' || this.#client.isEmbedded;
    const since = all ? null : Date.now() - window.ms;
    const places = await placesOf(this.#admin, this.#partitionsOf(described, compacted), since);
    this.#progress.add(places);
    this.#native.follow(this.#epochOf(described), placesJson(places));
    await this.#client.assign(places);
    this.#places = places;
    this.#described = described;
    this.#watchProgress();
  }

  #epochOf(described) {
    const channels = this.#options.topics.map(({ channel }) => channel);
    return epochOf(this.#clusterId, channels, described);
  }

  #partitionsOf(described, compacted) {
    const isOne = described.length === 1;
    return described.flatMap(({ topic, partitions }, number) =>
      partitions.map((partition) => ({
        topic,
        partition,
        id: isOne ? String(partition) : `${number}.${partition}`,
        compacted: compacted.has(topic),
      })),
    );
  }

  async #compacted() {
    const { topics } = this.#options;
    const compacted = new Set(topics.filter((t) => t.compacted === true).map(({ topic }) => topic));
    const unknown = topics.filter((t) => t.compacted === undefined).map(({ topic }) => topic);
    if (unknown.length === 0 || this.#client.isEmbedded) return compacted;
    try {
      for (const topic of await compactedTopics(this.#admin, unknown)) compacted.add(topic);
    } catch (error) {
      if (!UNKNOWN_SETTINGS.has(error.errorCode)) throw error;
      this.#logger.warn(
        'Whether topics are compacted could not be found out; they count as not compacted unless `topics` says so',
        { topics: unknown, error: error.message },
      );
    }
    return compacted;
  }

  // ── Changes ───────────────────────────────────────────────────────────────────────────────────────────────────────

  #schedule(ms) {
    clearTimeout(this.#lookTimer);
    if (this.#stopped) return;
    this.#lookTimer = setTimeout(() => {
      this.#looking = this.#looking
        .then(() => this.#look())
        .finally(() => this.#schedule(this.#options.metadataIntervalMs));
    }, ms);
    this.#lookTimer.unref();
  }

  async #look() {
    try {
      const described = await this.#describe();
      if (this.#stopped) return;
      const isOther = ({ topicId }, i) => topicId !== this.#described[i].topicId;
      if (described.some(isOther)) {
        this.#logger.warn('A topic was made anew: the state is rebuilt');
        await this.#begin(described);
      } else {
        await this.#extend(described);
      }
    } catch (error) {
      if (!this.#stopped) this.#hooks.onError(error);
    }
  }

  /** New partitions are read from their beginning. */
  async #extend(described) {
    const known = new Map(this.#places.map((place) => [keyOf(place), place]));
    const compacted = new Set(
      this.#places.filter((place) => place.compacted).map(({ topic }) => topic),
    );
    const added = this.#partitionsOf(described, compacted).filter((p) => !known.has(keyOf(p)));
    if (added.length === 0) return;
    const places = await placesOf(this.#admin, added, null);
    const all = [...this.#places, ...places];
    this.#native.follow(this.#epochOf(described), placesJson(all));
    await this.#client.assign(places, { incremental: true });
    this.#places = all;
    if (!this.#isCaughtUp) this.#progress.add(places);
  }

  #onPartitionError(error) {
    this.#hooks.onError(error);
    if (error.errorCode === 'ERR_KAFKA_UNKNOWN_TOPIC') this.#schedule(SOON_MS);
  }

  // ── Progress ──────────────────────────────────────────────────────────────────────────────────────────────────────

  #watchProgress() {
    clearTimeout(this.#progressTimer);
    this.#checkCaughtUp();
    if (this.#isCaughtUp || this.#stopped) return;
    this.#progressTimer = setTimeout(async () => {
      const progress = this.#progress;
      const positions = await this.#client.positions().catch(() => new Map());
      // Else it is another beginning's.
      if (progress !== this.#progress || this.#isCaughtUp || this.#stopped) return;
      progress.onPositions(positions);
      this.#hooks.onProgress(progress.snapshot());
      this.#watchProgress();
    }, PROGRESS_MS);
  }

  #checkCaughtUp() {
    if (this.#isCaughtUp || this.#stopped || this.#places.length === 0 || !this.#progress.isDone) {
      return;
    }
    this.#isCaughtUp = true;
    clearTimeout(this.#progressTimer);
    this.#hooks.onProgress(this.#progress.snapshot());
    this.#hooks.onCaughtUp();
  }
}

module.exports = { Feed };
