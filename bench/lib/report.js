'use strict';

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { summarize } = require('./table');
const { versionOf } = require('./sides');
const { ourProperties } = require('./our-properties');

function machine() {
  const cpus = os.cpus();
  return {
    cpu: cpus[0]?.model,
    cores: cpus.length,
    memoryGb: Math.round(os.totalmem() / 2 ** 30),
    system: `${os.type()} ${os.release()}`,
    loadBefore: os.loadavg()[0],
  };
}

/** Everything a reader needs to judge the figures. */
function makeReport({ cluster, options, sides, runs, before }) {
  const { producer, consumer } = ourProperties({ brokers: 'broker:9092', groupId: 'group' });
  const clients = Object.fromEntries(sides.map((name) => [name, versionOf(name)]));
  const works = Object.fromEntries(
    Object.entries(runs).map(([work, bySide]) => [
      work,
      Object.fromEntries(
        Object.entries(bySide).map(([side, list]) => [
          side,
          { summary: summarize(list), runs: list },
        ]),
      ),
    ]),
  );
  return {
    date: new Date().toISOString(),
    machine: before,
    versions: { node: process.versions.node, kafka: cluster.version, ...clients },
    options,
    // C runs with these; so does our client.
    librdkafkaProperties: {
      producer: Object.fromEntries(producer),
      consumer: Object.fromEntries(consumer),
    },
    works,
  };
}

function writeReport(file, report) {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, `${JSON.stringify(report, null, 2)}\n`);
}

function printProperties(log, { librdkafkaProperties }) {
  log('\nlibrdkafka properties of easyflow-kafka and of C:');
  for (const [kind, properties] of Object.entries(librdkafkaProperties)) {
    const list = Object.entries(properties).map(([name, value]) => `${name}=${value}`);
    log(`  ${kind}: ${list.join(' ')}`);
  }
}

module.exports = { machine, makeReport, writeReport, printProperties };
