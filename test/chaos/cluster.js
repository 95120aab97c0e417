'use strict';

// Three real brokers. Clients get to them through a proxy each; the checker, and the brokers among themselves, do not.

const fs = require('node:fs');
const kafkajs = require('kafkajs');
const { Kafka, logLevel } = require('../../lib');
const { startKafka } = require('../../scripts/real-kafka');
const { startProxies } = require('./toxiproxy');

const BROKERS = 3;
const LISTENER = 'PROXIED';
const SYNC_TIMEOUT_MS = 120_000;
const START_TIMEOUT_MS = 180_000;
const LOOK_MS = 200;

const properties = {
  'auto.create.topics.enable': false,
  'delete.topic.enable': true,
  'transaction.abort.timed.out.transaction.cleanup.interval.ms': 1_000,
  // Members of KIP-848 groups: as soon taken for dead as those of the other scenarios.
  'group.consumer.min.session.timeout.ms': 6_000,
  'group.consumer.session.timeout.ms': 6_000,
  'group.consumer.min.heartbeat.interval.ms': 1_000,
  'group.consumer.heartbeat.interval.ms': 1_000,
};

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

class ChaosCluster {
  #kafka;
  #proxies;
  #stopProxies;
  #moved = [];

  constructor(kafka, { proxies, stop }) {
    this.#kafka = kafka;
    this.#proxies = proxies;
    this.#stopProxies = stop;
    this.ids = kafka.brokers.map(({ id }) => id);
    /** For the clients under test. */
    this.bootstrap = proxies.map(({ port }) => `127.0.0.1:${port}`);
    /** Around the proxies. */
    this.direct = kafka.bootstrapServers.split(',');
    this.proxies = proxies;
    this.admin = new Kafka({ brokers: this.direct, logLevel: logLevel.NOTHING }).admin();
  }

  kill(id) {
    return this.#kafka.kill(id, 'SIGKILL');
  }

  /** As a careful operator ends a broker: it hands its partitions over. */
  shutDown(id) {
    return this.#kafka.kill(id, 'SIGTERM');
  }

  start(id) {
    return this.#kafka.start(id);
  }

  isRunning(id) {
    return this.#kafka.brokers.find((broker) => broker.id === id).pid !== null;
  }

  async startAll() {
    const down = this.ids.filter((id) => !this.isRunning(id));
    await Promise.all(down.map((id) => this.start(id)));
  }

  /** The broker that leads the metadata quorum, which only the logs tell. */
  controller() {
    let newest = { epoch: -1, id: null };
    for (const { id, logFile } of this.#kafka.brokers) {
      const text = fs.readFileSync(logFile, 'utf8');
      for (const [, epoch] of text.matchAll(/Completed transition to Leader\(.*?epoch=(\d+)/g)) {
        if (Number(epoch) > newest.epoch) newest = { epoch: Number(epoch), id };
      }
    }
    if (newest.id === null) throw new Error('No broker says that it is the controller');
    return newest.id;
  }

  async #partitions(topics) {
    const { topics: described } = await this.admin.fetchTopicMetadata({ topics });
    return described.flatMap(({ name, partitions }) =>
      partitions.map((partition) => ({ topic: name, ...partition })),
    );
  }

  /** Until each partition has its three replicas, in sync, and a leader. */
  async untilInSync(topics) {
    const deadline = Date.now() + SYNC_TIMEOUT_MS;
    for (;;) {
      let problem;
      try {
        const all = await this.#partitions(topics);
        const behind = all.filter(({ isr, leader }) => isr.length < BROKERS || leader < 0);
        if (all.length > 0 && behind.length === 0) return;
        problem = `${behind.length} of ${all.length} partitions are not in sync`;
      } catch (error) {
        problem = error.message;
      }
      if (Date.now() > deadline) throw new Error(`The cluster does not heal: ${problem}`);
      await pause(LOOK_MS);
    }
  }

  /** Takes each partition away from its leader: the two others go on with it. */
  async moveLeaders(topics) {
    const all = await this.#partitions(topics);
    this.#moved.push(...all);
    await this.#reassign(all, ({ leader, replicas }) => replicas.filter((id) => id !== leader));
  }

  /** Gives each its three replicas back. */
  async restoreReplicas() {
    const all = this.#moved.splice(0);
    if (all.length > 0) await this.#reassign(all, ({ replicas }) => replicas);
  }

  async #reassign(all, replicasOf) {
    // By another client: librdkafka has no such request.
    const admin = new kafkajs.Kafka({
      brokers: this.direct,
      logLevel: kafkajs.logLevel.NOTHING,
    }).admin();
    const topics = [...new Set(all.map(({ topic }) => topic))];
    await admin.connect();
    try {
      await admin.alterPartitionReassignments({
        topics: topics.map((topic) => ({
          topic,
          partitionAssignment: all
            .filter((partition) => partition.topic === topic)
            .map((partition) => ({
              partition: partition.partitionId,
              replicas: replicasOf(partition),
            })),
        })),
      });
      await this.#untilReassigned(admin, topics);
    } finally {
      await admin.disconnect();
    }
  }

  async #untilReassigned(admin, names) {
    const deadline = Date.now() + SYNC_TIMEOUT_MS;
    for (;;) {
      const { topics } = await admin.listPartitionReassignments({});
      if (!topics.some(({ topic }) => names.includes(topic))) return;
      if (Date.now() > deadline) throw new Error('The reassignment of partitions does not end');
      await pause(LOOK_MS);
    }
  }

  async healNetwork() {
    await Promise.all(this.#proxies.map((proxy) => proxy.heal()));
  }

  async stop() {
    await this.admin.disconnect();
    await this.#kafka.stop();
    await this.#stopProxies();
  }
}

/** @param {{ log: (line: string) => void }} options */
async function startCluster({ log }) {
  const proxied = await startProxies({ count: BROKERS, log });
  let kafka;
  try {
    const advertisedPorts = proxied.proxies.map(({ port }) => port);
    kafka = await startKafka({
      brokers: BROKERS,
      listeners: [{ name: LISTENER, protocol: 'PLAINTEXT', advertisedPorts }],
      properties,
      share: false,
      timeoutMs: START_TIMEOUT_MS,
      log,
    });
    await Promise.all(
      kafka.brokers.map(({ ports }, at) => proxied.proxies[at].to(ports[LISTENER])),
    );
    const cluster = new ChaosCluster(kafka, proxied);
    await cluster.admin.connect();
    return cluster;
  } catch (error) {
    await kafka?.stop();
    await proxied.stop();
    throw error;
  }
}

module.exports = { startCluster };
