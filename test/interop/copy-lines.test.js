'use strict';

// Lines through kcat and through examples/copy-lines.js: count and checksum agree. With a million of them:
//   EASYFLOW_TEST_LINES=1000000 npm test -- interop -- copy-lines

const crypto = require('node:crypto');
const path = require('node:path');
const { Readable } = require('node:stream');
const { run, kcat, kcatProduce, bootstrap } = require('./support/peers');
const { createTopic } = require('./support/ours');

const LINES = Number(process.env.EASYFLOW_TEST_LINES ?? 50_000);
const PARTITIONS = 3;
const TIMEOUT_MS = 300_000 + LINES / 5;
const example = path.join(__dirname, '..', '..', 'examples', 'copy-lines.js');

const filler = crypto.randomBytes(256).toString('base64url');

/** Lines of at least 100 bytes, no two alike; the same ones each time. */
function* lines() {
  let text = '';
  for (let i = 0; i < LINES; i++) {
    text += `${String(i).padStart(10, '0')} ${filler.slice(i % 100, (i % 100) + 90 + (i % 60))}\n`;
    if (text.length < 1 << 16) continue;
    yield text;
    text = '';
  }
  if (text) yield text;
}

async function copyLines(args, input) {
  const env = { KAFKA_BOOTSTRAP_SERVERS: bootstrap() };
  const printed = await run(process.execPath, [example, ...args], {
    input,
    env,
    timeoutMs: TIMEOUT_MS,
  });
  return printed.toString().trim();
}

const checksumOf = (input) => copyLines(['checksum'], input);
const readByKcat = (topic) =>
  kcat(['-C', '-e', '-q', '-o', 'beginning', '-t', topic], { timeoutMs: TIMEOUT_MS });

let expected;

beforeAll(async () => {
  expected = await checksumOf(Readable.from(lines()));
  expect(expected).toMatch(new RegExp(`^lines=${LINES} `));
}, TIMEOUT_MS);

describe('lines that kcat produced', () => {
  let topic;

  beforeAll(async () => {
    topic = await createTopic('kcat-lines', PARTITIONS);
    await kcatProduce(['-t', topic, '-X', 'queue.buffering.max.messages=1000000'], {
      input: Readable.from(lines()),
      timeoutMs: TIMEOUT_MS,
    });
  }, TIMEOUT_MS);

  test(
    'are read whole by kcat itself',
    async () => expect(await checksumOf(await readByKcat(topic))).toBe(expected),
    TIMEOUT_MS,
  );

  test.each(['each-batch', 'each-message'])(
    'are read whole by %s',
    async (handler) => {
      const read = await copyLines(['consume', '--topic', topic, '--handler', handler]);
      expect(read).toBe(expected);
    },
    TIMEOUT_MS,
  );
});

test(
  'lines that we produced are read whole by kcat',
  async () => {
    const topic = await createTopic('our-lines', PARTITIONS);
    const sent = await copyLines(['produce', '--topic', topic], Readable.from(lines()));
    expect(sent).toBe(expected);
    expect(await checksumOf(await readByKcat(topic))).toBe(expected);
  },
  TIMEOUT_MS,
);
