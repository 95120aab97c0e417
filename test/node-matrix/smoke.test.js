'use strict';

// The one addon file on every Node.js release that we say we support: what depends on the release is how it loads the
// addon, runs threads and ends. test/unit and test/lifecycle say more, on the release that runs them.

const path = require('node:path');
const { execFileSync } = require('node:child_process');
const { EmbeddedKafka } = require('../../lib');
const { startProcess, endPrograms } = require('../lifecycle/support/program');

const EXITS = 20;
const AT_ONCE = 4;
const LATEST_EXIT_MS = 250;
const VERSIONS = JSON.parse(process.env.EASYFLOW_TEST_NODE_VERSIONS);

let cluster;
beforeAll(async () => {
  cluster = await EmbeddedKafka.start({ partitions: 2 });
});
afterEach(endPrograms);
afterAll(() => cluster.stop());

const lifecycleProgram = (name) =>
  path.join(__dirname, '..', 'lifecycle', 'programs', `${name}.js`);

describe.each(VERSIONS)('Node.js $major', ({ major, node }) => {
  const run = (file, ...args) => startProcess([file, ...args], { node }).ended;

  test('is the release that is meant', () => {
    const version = execFileSync(node, ['-p', 'process.versions.node'], { encoding: 'utf8' });
    expect(Number.parseInt(version, 10)).toBe(major);
  });

  test.each(['require', 'import'])('%s: produces, consumes, and ends by itself', async (how) => {
    const file = path.join(__dirname, 'programs', `round-trip.${how === 'import' ? 'mjs' : 'js'}`);
    const end = await run(file);
    expect(end).toMatchObject({ code: 0, signal: null, stderr: '', hung: false });
    expect(JSON.parse(end.stdout)).toEqual({
      node: major,
      sent: 200,
      received: 200,
      bytes: 200_000,
    });
  });

  test('workers each produce and consume at the same time', async () => {
    const topic = `workers-${major}`;
    for (const name of [topic, `${topic}-sent`, `${topic}-main`]) {
      cluster.createTopic({ topic: name, partitions: 2 });
    }
    const end = await run(lifecycleProgram('workers-together'), cluster.bootstrapServers, topic);
    expect(end).toMatchObject({ code: 0, signal: null, stderr: '', hung: false });
    expect(JSON.parse(end.stdout)).toEqual([0, 0, 0, 0]);
  });

  test(`${EXITS} exits while TLS clients reconnect: none crashes`, async () => {
    const ends = [];
    let next = 0;
    const oneAfterTheOther = async () => {
      while (next < EXITS) {
        const afterMs = Math.round((next++ * LATEST_EXIT_MS) / EXITS);
        // A broker without TLS: the handshake fails, again and again.
        ends.push(
          await run(lifecycleProgram('tls-exit'), cluster.bootstrapServers, 'exit', `${afterMs}`),
        );
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, oneAfterTheOther));
    expect(ends).toHaveLength(EXITS);
    expect(ends.filter(({ code, stderr }) => code !== 3 || stderr !== '')).toEqual([]);
  });
});
