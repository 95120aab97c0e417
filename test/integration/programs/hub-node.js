'use strict';

// An API node: a StatusHub on a server of its own. { bootstrap, topic } as JSON in the first argument; writes
// "listening <port>" when its hub is ready.

const http = require('node:http');
const { Kafka, StatusHub, logLevel } = require('../../../lib');

const { bootstrap, topic } = JSON.parse(process.argv[2]);

async function main() {
  const kafka = new Kafka({ brokers: bootstrap.split(','), logLevel: logLevel.ERROR });
  const hub = new StatusHub(kafka, {
    topics: [topic],
    channel: '{type}/{id}',
    from: 'beginning',
    anonymous: { allow: ['*'] },
  });
  const server = http.createServer();
  await hub.attach(server);
  await hub.whenReady();
  server.listen(0, '127.0.0.1', () => {
    process.stdout.write(`listening ${server.address().port}\n`);
  });
}

main();
