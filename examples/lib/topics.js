'use strict';

const { TopicManager } = require('../../lib/service');

/**
 * The topics of a catalog, and first offsets of its groups: what is published from then on is read, even while a group starts
 * for the first time.
 *
 * @param {Kafka} kafka
 * @param {string} catalog
 * @param {string[]} [groups] all of them unless named
 */
async function setUpTopics(kafka, catalog, groups) {
  const topicManager = new TopicManager(kafka, { catalog });
  await topicManager.connect();
  try {
    await topicManager.createAllTopics();
    await topicManager.createConsumerGroups(groups && { groups });
  } finally {
    await topicManager.disconnect();
  }
}

module.exports = { setUpTopics };
