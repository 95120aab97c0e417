'use strict';

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { summarize } = require('./summary');
const { versionOf, SIDES } = require('./sides');
const { ourProperties } = require('./our-properties');

const GB = 2 ** 30;

function machine() {
  const cpus = os.cpus();
  return {
    cpu: cpus[0]?.model,
    cores: cpus.length,
    memoryGb: Math.round(os.totalmem() / GB),
    system: `${os.type()} ${os.release()}`,
    loadBefore: Math.round(os.loadavg()[0] * 100) / 100,
  };
}

function versions(kafka) {
  const clients = Object.entries(SIDES).map(([name, side]) => [side.package, versionOf(name)]);
  return {
    node: process.versions.node,
    kafka,
    librdkafka: require('../..').librdkafkaVersion,
    ...Object.fromEntries(clients.filter(([, version]) => version)),
  };
}

/** A case as docs/benchmarks.json keeps it: figures instead of runs. */
function summarizeCase(one, bySide) {
  const sides = Object.entries(bySide).map(([side, list]) => [
    side,
    summarize(list) ?? { failed: list.length },
  ]);
  const lacks = Object.entries(one.lacks).map(([side, because]) => [side, { lacks: because }]);
  return {
    messages: one.messages,
    rounds: one.rounds,
    sides: Object.fromEntries([...sides, ...lacks]),
  };
}

/** Everything a reader needs to judge the figures. `measured`: [case, runs by side] pairs. */
function makeReport({ command, kafka, machine: before, measured }) {
  const { producer, consumer } = ourProperties({ brokers: 'broker:9092', groupId: 'group' });
  return {
    date: new Date().toISOString(),
    command,
    machine: before,
    versions: versions(kafka),
    // C runs with these; so does our client.
    librdkafkaProperties: {
      producer: Object.fromEntries(producer),
      consumer: Object.fromEntries(consumer),
    },
    cases: Object.fromEntries(measured.map(([one, runs]) => [one.id, summarizeCase(one, runs)])),
    samples: Object.fromEntries(measured.map(([one, runs]) => [one.id, runs])),
  };
}

function writeJson(file, value) {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, `${JSON.stringify(value, null, 2)}\n`);
}

function printProperties(log, { librdkafkaProperties }) {
  log('\nlibrdkafka properties of easyflow-kafka and of C:');
  for (const [kind, properties] of Object.entries(librdkafkaProperties)) {
    const list = Object.entries(properties).map(([name, value]) => `${name}=${value}`);
    log(`  ${kind}: ${list.join(' ')}`);
  }
}

module.exports = { machine, makeReport, summarizeCase, writeJson, printProperties };
