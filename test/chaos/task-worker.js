'use strict';

// A worker of the Task Manager, a process of its own: web crawl requests, each done by one statement that counts it, in one
// transaction with the word that it is done. Says on stdout what it does: a pipe keeps what a killed process has said.
//
// Besides the variables of the Task Manager: TASKS_DATABASE, TASKS_TABLE, LEASE_MS, IDEMPOTENCY=off.

const fs = require('node:fs');
const { Pool } = require('pg');
const { PostgresIdempotencyStore } = require('../../lib/service');
const { getKafkaService, TOPICS } = require('../../lib/presets/task-manager');

const { KAFKA_GROUP_ID, TASKS_DATABASE, TASKS_TABLE, LEASE_MS, IDEMPOTENCY } = process.env;

const say = (what, id) => fs.writeSync(1, `${what} ${id}\n`);

class TellingStore extends PostgresIdempotencyStore {
  async claim(id, options) {
    const claim = await super.claim(id, options);
    if (claim.status === 'processed') say('duplicate', id);
    return claim;
  }
}

async function main() {
  const pool = new Pool({ connectionString: TASKS_DATABASE });
  pool.on('error', () => {}); // an idle connection that breaks: the next query says so
  const store = new TellingStore({ pool, scope: KAFKA_GROUP_ID });
  const service = getKafkaService({ shutdownOnSignals: true });
  service.once('closed', () => pool.end());

  async function doTask({ headers: { requestId } }, { complete }) {
    say('begun', requestId);
    const client = await pool.connect();
    let broken;
    try {
      await client.query('BEGIN');
      await client.query(
        `INSERT INTO ${TASKS_TABLE} AS t (id, done) VALUES ($1, 1)
         ON CONFLICT (id) DO UPDATE SET done = t.done + 1`,
        [requestId],
      );
      await complete?.({ client });
      await client.query('COMMIT');
    } catch (error) {
      broken = error; // its transaction ends with it
      throw error;
    } finally {
      client.release(broken);
    }
    say('done', requestId);
  }

  await service.subscribe(TOPICS.WEB_CRAWL_REQUEST, undefined, doTask, {
    fromBeginning: true,
    ...(IDEMPOTENCY !== 'off' && { idempotency: { store, leaseMs: Number(LEASE_MS) } }),
  });
}

main().catch((error) => {
  process.stderr.write(`${error.stack}\n`);
  process.exitCode = 1;
});
