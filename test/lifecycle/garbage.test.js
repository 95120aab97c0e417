'use strict';

// What stays behind when clients come and go.

const { EmbeddedKafka } = require('../../lib');
const { runProgram, endPrograms } = require('./support/program');

let cluster;

beforeAll(async () => {
  cluster = await EmbeddedKafka.start({ topics: ['rounds'] });
});
afterEach(endPrograms);
afterAll(() => cluster.stop());

const run = (name) =>
  runProgram(name, [cluster.bootstrapServers, 'rounds'], {
    nodeArgs: ['--expose-gc'],
    // Each thread of a client would grow an arena of malloc's, which settles only after some hundred clients.
    env: { MALLOC_ARENA_MAX: '1' },
  });

test('clients made, connected and disconnected leave no threads, descriptors or memory', async () => {
  const end = await run('client-rounds');
  expect(end).toMatchObject({ code: 0, stderr: '', hung: false });
  const { idleThreads, idleDescriptors, state, grownMb, quietMb } = JSON.parse(end.stdout);
  // Fewer: what came before was still going when they were counted.
  expect(state.threads).toBeLessThanOrEqual(idleThreads);
  expect(state.descriptors).toBeLessThanOrEqual(idleDescriptors);
  expect(Math.min(...grownMb)).toBeLessThanOrEqual(quietMb);
});

test('clients that were never disconnected are no danger, and do not keep the process', async () => {
  expect(await run('forgotten-clients')).toMatchObject({
    code: 0,
    signal: null,
    stdout: 'done\n',
    stderr: '',
    hung: false,
  });
});
