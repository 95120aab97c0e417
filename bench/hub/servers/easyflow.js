'use strict';

// The example of the README: new StatusHub(...), attached to an HTTP server. Limits are those of the benchmark: all its clients are one
// subject at one address.

const http = require('node:http');
const { Kafka, StatusHub, logLevel } = require('../../..');
const { runServer, listen } = require('../server');

async function start({ brokers, topic, connections }) {
  const server = http.createServer();
  const kafka = new Kafka({ brokers: [brokers], logLevel: logLevel.ERROR });
  const most = connections + 100;
  const hub = new StatusHub(kafka, {
    topics: [topic],
    channel: '{entityType}/{entityId}',
    path: '/status',
    limits: {
      connections: most,
      connectionsPerSubject: most,
      connectionsPerAddress: most,
    },
  });
  hub.authenticate(async () => ({ subject: 'bench', allow: ['*'] }));
  await hub.attach(server);
  await hub.whenReady();
  const port = await listen(server);
  const close = async () => {
    await hub.close({ drainMs: 0 });
    server.close();
  };
  return { port, close, metrics: () => hub.metrics?.() };
}

runServer(start);
