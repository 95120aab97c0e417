'use strict';

const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

const root = path.join(__dirname, '../../..');
const run = (...args) => execFileSync(process.execPath, args, { encoding: 'utf8', cwd: root });

/** What the documents import, and nothing less. */
const NAMES = {
  etelios: ['getKafkaService', 'KAFKA_TOPICS', 'createEvent', 'getConsumerGroup'],
  officeflow: [
    'TopicManager',
    'OfficeFlowProducer',
    'OfficeFlowConsumer',
    'DLQHandler',
    'CorrelationTracker',
    'defaultKafkaConfig',
  ],
  'task-manager': ['getKafkaConfig', 'TOPICS', 'newTaskMessage'],
  spm: ['TaskEventPublisher', 'KafkaEventConsumer', 'Topics'],
  easyflow: ['getKafkaService', 'TOPICS'],
};

test.each(Object.entries(NAMES))(
  'easyflow-kafka/presets/%s: names of the document, the same for import and require',
  (preset, names) => {
    const script = `import * as esm from 'easyflow-kafka/presets/${preset}';
      import { createRequire } from 'node:module';
      const common = createRequire(process.cwd() + '/x.js')('easyflow-kafka/presets/${preset}');
      const there = Object.keys(esm).filter((name) => esm[name] !== undefined);
      console.log(JSON.stringify([there, Object.keys(common)]));`;
    const [esm, common] = JSON.parse(run('--input-type=module', '-e', script));
    expect(esm.sort()).toEqual([...common, 'default'].sort());
    expect(common).toEqual(expect.arrayContaining(names));
  },
);

test.each(Object.keys(NAMES))(
  'docs/migrating/%s.md names every export, and its links lead somewhere',
  (preset) => {
    const file = path.join(root, 'docs', 'migrating', `${preset}.md`);
    const text = fs.readFileSync(file, 'utf8');
    const names = Object.keys(require(`../../../lib/presets/${preset}`));
    expect(names.filter((name) => !text.includes(name))).toEqual([]);
    const links = [...text.matchAll(/\]\((?!https?:)([^)#]+)/g)].map(([, link]) => link);
    const broken = links.filter((link) => !fs.existsSync(path.join(path.dirname(file), link)));
    expect(broken).toEqual([]);
  },
);
