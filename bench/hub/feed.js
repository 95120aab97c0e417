'use strict';

// The process that publishes: updates to `entities` entities in turn, at a rate that the parent sets.
// Calls: fill({ type, entities }), rate({ perSecond }), count(), stop() -> { sent, failed }.

const { performance } = require('node:perf_hooks');
const { Kafka, logLevel } = require('../..');
const { valueMaker, Rounds } = require('./payload');
const { answerParent } = require('./calls');

const TICK_MS = 1;
const FILL_BATCH = 1_000;
/** What is late by more than this is not caught up: it would come as one burst. */
const MOST_LATE_MS = 100;

const args = JSON.parse(process.argv[2]);
const micros = () => Math.round((performance.timeOrigin + performance.now()) * 1e3);

async function main() {
  const kafka = new Kafka({ brokers: [args.brokers], logLevel: logLevel.ERROR });
  const producer = kafka.producer();
  await producer.connect();
  const makeValue = valueMaker(args.size);
  const rounds = new Rounds(args.entities);
  const pending = new Set();
  let timer;
  let failed = 0;

  const message = (type, entity, count) => ({
    key: `${type}/${entity}`,
    value: makeValue(type, entity, count, micros()),
  });
  const send = (messages) => {
    const sending = producer
      .send({ topic: args.topic, messages })
      .catch((error) => {
        failed += messages.length;
        process.stderr.write(`${error.stack}\n`);
      })
      .finally(() => pending.delete(sending));
    pending.add(sending);
    return sending;
  };

  /** Updates at `perSecond`; 0 is none. */
  const rate = ({ perSecond }) => {
    clearInterval(timer);
    if (perSecond === 0) return;
    let since = performance.now();
    let sent = 0;
    timer = setInterval(() => {
      const due = Math.floor(((performance.now() - since) * perSecond) / 1e3) - sent;
      if (due <= 0) return;
      const most = Math.ceil((perSecond * MOST_LATE_MS) / 1e3);
      if (due > most) {
        since = performance.now();
        sent = 0;
      } else {
        sent += due;
      }
      const messages = Array.from({ length: Math.min(due, most) }, () => {
        const { entity, count } = rounds.next();
        return message('task', entity, count);
      });
      send(messages);
    }, TICK_MS);
  };

  answerParent({
    rate,
    fill: async ({ type, entities }) => {
      for (let at = 0; at < entities; at += FILL_BATCH) {
        const length = Math.min(FILL_BATCH, entities - at);
        await send(Array.from({ length }, (_, index) => message(type, at + index, 1)));
      }
    },
    count: () => rounds.sent,
    stop: async () => {
      rate({ perSecond: 0 });
      await Promise.all(pending);
      return { sent: rounds.sent, failed };
    },
    close: () => producer.disconnect(),
  });
}

main().catch((error) => {
  process.stderr.write(`${error.stack}\n`);
  process.exit(1);
});
