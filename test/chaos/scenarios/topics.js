'use strict';

// Topics that change under their clients. How soon these see it is their `metadataMaxAge`.

const MORE_PARTITIONS = 12;
const settings = {
  producer: { metadataMaxAge: 2_000 },
  consumer: { metadataMaxAge: 2_000 },
};

/** The input is deleted and made again; what it had is gone, what is sent from then on is not. */
const recreated = {
  name: 'topic-recreated',
  settings,
  holdMs: 0,
  async inject({ cluster, traffic }) {
    await cluster.admin.deleteTopics({ topics: [traffic.input] });
    await traffic.createTopics([traffic.input]);
    traffic.since = Date.now();
  },
  async heal() {},
};

/** Input and output get twice as many partitions: keys move to others. */
const partitionsAdded = {
  name: 'partitions-added',
  settings,
  holdMs: 0,
  async inject({ cluster, traffic }) {
    // The output first: what is read of the input's new partitions goes to the same ones there.
    for (const topic of [traffic.output, traffic.input]) {
      await cluster.admin.createPartitions({
        topicPartitions: [{ topic, count: MORE_PARTITIONS }],
      });
      await cluster.untilInSync([topic]);
    }
    traffic.partitions = MORE_PARTITIONS;
  },
  async heal() {},
};

module.exports = [recreated, partitionsAdded];
