'use strict';

const { fromNative } = require('../../errors');

/** Numbers of a topic's partitions, ascending. */
async function partitionsOf(admin, topic) {
  const [described] = await admin.call('describeTopics', { topics: [topic] });
  if (described.error) throw fromNative(described.error, { topic });
  return described.partitions.map(({ partition }) => partition).sort((a, b) => a - b);
}

module.exports = { partitionsOf };
