'use strict';

const { execFileSync } = require('node:child_process');
const path = require('node:path');
const kafkajs = require('kafkajs');
const ours = require('../../lib');

const entry = path.join(__dirname, '../../lib/index.mjs');

test('the ESM entry has the same names as the CommonJS one, none undefined', () => {
  const script = `import * as esm from ${JSON.stringify(entry)};
    console.log(JSON.stringify(Object.keys(esm).filter((name) => esm[name] !== undefined)));`;
  const output = execFileSync(process.execPath, ['--input-type=module', '-e', script], {
    encoding: 'utf8',
  });
  expect(JSON.parse(output).sort()).toEqual([...Object.keys(ours), 'default'].sort());
});

test('everything KafkaJS exports is there', () => {
  const missing = Object.keys(kafkajs).filter((name) => !(name in ours));
  expect(missing).toEqual([]);
  for (const name of [
    'logLevel',
    'CompressionTypes',
    'ConfigResourceTypes',
    'AclOperationTypes',
    'ConfigSource',
  ]) {
    expect(ours[name]).toMatchObject(kafkajs[name]);
  }
});

test('what confluent exports as KafkaJS is there', () => {
  for (const name of [
    'Kafka',
    'logLevel',
    'CompressionTypes',
    'PartitionAssigners',
    'PartitionAssignors',
    'ErrorCodes',
  ]) {
    expect(ours.KafkaJS).toHaveProperty(name);
  }
  expect(ours.KafkaJS.ErrorCodes).toMatchObject({
    ERR__TIMED_OUT: -185,
    ERR_NO_ERROR: 0,
    ERR_UNKNOWN: -1,
  });
});

test('KafkaJS’s registration of codecs runs', () => {
  ours.CompressionCodecs[ours.CompressionTypes.Snappy] = () => ({});
  delete ours.CompressionCodecs[ours.CompressionTypes.Snappy];
});
