'use strict';

// The short form of `npm run chaos:workers`: docs/reliability.md.

const { startPostgres } = require('../../scripts/postgres');
const { killWorkers } = require('../chaos/worker-kills');

jest.setTimeout(400_000);

let postgres;
beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(() => postgres?.stop());

test('workers killed by SIGKILL while tasks flow: each task is done once, what comes again is passed over', async () => {
  const result = await killWorkers({
    bootstrap: process.env.EASYFLOW_TEST_BOOTSTRAP,
    connectionString: postgres.connectionString,
    tasks: 500,
    kills: 3,
    seed: 5,
    sessionTimeoutMs: 2_000,
    leaseMs: 2_000,
  });
  expect(result).toMatchObject({ once: 500, lost: 0, moreThanOnce: 0, kills: 3 });
  // Offsets are committed behind the work: what a killed worker had begun or done since comes again.
  expect(result.duplicates + result.begunAgain).toBeGreaterThan(0);
});
