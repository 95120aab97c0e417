'use strict';

// One group, members of ours and of Java's client: each leads once, and reads what the other says it had.

const path = require('node:path');
const readline = require('node:readline');
const { spawn } = require('node:child_process');
const { PartitionAssigners } = require('../../lib');
const { kafkaJars } = require('../../scripts/real-kafka/jars');
const { createTopic, newKafka, unique } = require('./support/ours');
const { bootstrap } = require('./support/peers');

const PARTITIONS = 6;
const DEADLINE_MS = 120_000; // for a failure only
const leaving = [];

afterEach(async () => {
  await Promise.all(leaving.splice(0).map((leave) => leave()));
});

async function joinJava(topic, group) {
  const jars = await kafkaJars();
  const program = path.join(__dirname, 'support', 'StickyMember.java');
  const child = spawn('java', ['-cp', path.join(jars, '*'), program, bootstrap(), topic, group], {
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const ended = new Promise((resolve) => {
    child.on('close', resolve);
  });
  leaving.push(() => {
    child.stdin.end();
    return ended;
  });
  let partitions = [];
  readline.createInterface({ input: child.stdout }).on('line', (line) => {
    partitions = JSON.parse(line);
  });
  return { partitions: () => partitions };
}

async function joinOurs(topic, groupId) {
  const consumer = newKafka().consumer({
    groupId,
    partitionAssigners: [PartitionAssigners.sticky],
  });
  leaving.push(() => consumer.disconnect());
  await consumer.connect();
  await consumer.subscribe({ topic });
  await consumer.run({ eachMessage: async () => {} });
  return { partitions: () => consumer.assignment().map(({ partition }) => partition) };
}

async function shared(members) {
  const deadline = Date.now() + DEADLINE_MS;
  const share = PARTITIONS / members.length;
  for (;;) {
    const all = members.map((member) => member.partitions());
    const even = all.every((own) => own.length === share);
    if (even && new Set(all.flat()).size === PARTITIONS) return all;
    if (Date.now() > deadline) throw new Error(`No even share: ${JSON.stringify(all)}`);
    await new Promise((resolve) => {
      setTimeout(resolve, 20);
    });
  }
}

test.each([
  ['ours', [joinOurs, joinJava, joinOurs]],
  ["Java's", [joinJava, joinOurs, joinJava]],
])('sticky, %s leads: who was there keeps its partitions', async (leader, joins) => {
  const topic = await createTopic('sticky', PARTITIONS);
  const group = unique('sticky');
  const members = [];
  const shares = [];
  for (const join of joins) {
    members.push(await join(topic, group));
    shares.push(await shared(members));
  }
  const [, two, three] = shares;
  expect(two[0]).toEqual(expect.arrayContaining(three[0]));
  expect(two[1]).toEqual(expect.arrayContaining(three[1]));
});
