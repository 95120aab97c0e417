'use strict';

// npm run publish-new-task: a web crawl request in the bare form that the Task Manager's own script of this name sends.

const { run } = require('../lib/program');
const { COMMON_HELP } = require('../lib/flags');
const { openCluster } = require('../lib/cluster');
const { TOPICS } = require('../../lib/presets/task-manager');

const usage = `npm run publish-new-task -- [options]
  --url URL                  default https://example.com; one in the domain "invalid" cannot be reached
${COMMON_HELP}`;

async function main({ flags, stop, say }) {
  const cluster = await openCluster({ flags, clientId: 'test-publisher', say, stop });
  const producer = cluster.kafka.producer();
  try {
    await cluster.ensureTopics([TOPICS.WEB_CRAWL_REQUEST]);
    await producer.connect();
    const [{ partition, baseOffset }] = await producer.send({
      topic: TOPICS.WEB_CRAWL_REQUEST,
      messages: [
        {
          key: 'test-task-1',
          value: JSON.stringify({
            userEmail: 'test@example.com',
            userQuery: 'Test query',
            originalUrl: flags.url,
            requestedAt: new Date().toISOString(),
          }),
        },
      ],
    });
    say(`Published a request: ${TOPICS.WEB_CRAWL_REQUEST}[${partition}]@${baseOffset}`);
  } finally {
    await producer.disconnect();
    cluster.close();
  }
}

run({ usage, flags: { url: { type: 'string', default: 'https://example.com' } }, main });
