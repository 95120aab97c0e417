'use strict';

// The PostgreSQL of an example: that of DATABASE_URL, else one of its own on a local port, which ends with the program.

const { Pool } = require('pg');

/**
 * @param {(line: string) => void} say
 * @returns {Promise<{ pool: import('pg').Pool, close: () => Promise<void> }>}
 */
async function openDatabase(say) {
  const given = process.env.DATABASE_URL;
  let own = null;
  if (!given) {
    const { startPostgres } = require('../../scripts/postgres');
    own = await startPostgres();
    say(`DATABASE_URL is not set: started PostgreSQL at ${own.connectionString}`);
  }
  const pool = new Pool({ connectionString: given || own.connectionString });
  pool.on('error', () => {}); // an idle connection that breaks: the next query says so
  return {
    pool,
    async close() {
      await pool.end();
      await own?.stop();
    },
  };
}

/**
 * Runs `work(client)` in a transaction. A connection with a failure is closed, and its transaction ends with it.
 *
 * @template T
 * @param {import('pg').Pool} pool
 * @param {(client: import('pg').PoolClient) => Promise<T>} work
 * @returns {Promise<T>}
 */
async function inTransaction(pool, work) {
  const client = await pool.connect();
  let failure;
  try {
    await client.query('BEGIN');
    const result = await work(client);
    await client.query('COMMIT');
    return result;
  } catch (error) {
    failure = error;
    throw error;
  } finally {
    client.release(failure);
  }
}

module.exports = { openDatabase, inTransaction };
