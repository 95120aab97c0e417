'use strict';

// Several TLS clients that reconnect all the time; the process ends in the middle of it.

const { Kafka, logLevel } = require('../../../lib');

function main([brokers, how, afterMs]) {
  const kafka = new Kafka({
    brokers: brokers.split(','),
    ssl: { rejectUnauthorized: how !== 'exit' },
    logLevel: logLevel.NOTHING,
    librdkafka: { 'reconnect.backoff.ms': 1, 'reconnect.backoff.max.ms': 10 },
  });
  const clients = [kafka.producer(), kafka.consumer({ groupId: 'g' }), kafka.admin()];
  for (const client of clients) client.connect().catch(() => {});
  setTimeout(() => {
    if (how === 'throw') throw new Error('on purpose');
    process.exit(3);
  }, Number(afterMs));
}

main(process.argv.slice(2));
