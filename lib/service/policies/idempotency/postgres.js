'use strict';

const crypto = require('node:crypto');
const { checkOptions, invalidOption, is, unsupported } = require('../../../options/validate');
const { checkId, checkLease } = require('./check');

const NAME = /^[A-Za-z_][A-Za-z0-9_]{0,62}(?:\.[A-Za-z_][A-Za-z0-9_]{0,62})?$/;
const PURGE_INTERVAL_MS = 3_600_000;

const shape = {
  pool: is.object,
  connectionString: is.secret(is.string),
  connection: is.object,
  table: { what: 'a table name, with or without schema', test: (v) => NAME.test(v) },
  scope: is.anyString,
  retentionMs: is.integer(1),
};

function loadPg() {
  try {
    return require('pg');
  } catch (error) {
    if (error.code !== 'MODULE_NOT_FOUND') throw error;
    throw unsupported('PostgresIdempotencyStore without the package pg', 'npm install pg');
  }
}

/** Its clock is the database's: workers' clocks differ. */
const NOW = 'clock_timestamp()';
const LATER = `${NOW} + $4 * interval '1 millisecond'`;

function statements(name) {
  const table = name
    .split('.')
    .map((part) => `"${part}"`)
    .join('.');
  const mine = 'scope = $1 AND id = $2';
  return {
    create: `CREATE TABLE IF NOT EXISTS ${table} (
      scope text NOT NULL,
      id text NOT NULL,
      token uuid,
      lease_until timestamptz,
      processed_at timestamptz,
      PRIMARY KEY (scope, id))`,
    check: `SELECT 1 FROM ${table} WHERE ${mine} AND processed_at IS NOT NULL`,
    mark: `INSERT INTO ${table} AS t (scope, id, processed_at) VALUES ($1, $2, ${NOW})
      ON CONFLICT (scope, id) DO UPDATE SET processed_at = ${NOW}, token = NULL, lease_until = NULL
      WHERE t.processed_at IS NULL`,
    // One statement, so that of two workers one gets a row.
    claim: `INSERT INTO ${table} AS t (scope, id, token, lease_until) VALUES ($1, $2, $3, ${LATER})
      ON CONFLICT (scope, id) DO UPDATE SET token = EXCLUDED.token, lease_until = EXCLUDED.lease_until
      WHERE t.processed_at IS NULL AND t.lease_until <= ${NOW}
      RETURNING 1`,
    look: `SELECT processed_at IS NOT NULL AS processed,
        ceil(extract(epoch FROM lease_until - ${NOW}) * 1000)::float8 AS remaining_ms
      FROM ${table} WHERE ${mine}`,
    extend: `UPDATE ${table} SET lease_until = ${LATER}
      WHERE ${mine} AND token = $3 AND processed_at IS NULL`,
    complete: `UPDATE ${table} SET processed_at = ${NOW}, token = NULL, lease_until = NULL
      WHERE ${mine} AND token = $3 AND processed_at IS NULL`,
    release: `DELETE FROM ${table} WHERE ${mine} AND token = $3 AND processed_at IS NULL`,
    purge: `DELETE FROM ${table}
      WHERE scope = $1 AND processed_at < ${NOW} - $2 * interval '1 millisecond'`,
  };
}

/**
 * Which events were processed, for all workers of a group. `scope` tells groups apart: each processes an event once.
 *
 * markAsProcessed() and complete() take `{ client }`, a pg client in a transaction of yours: then the work and the word that it
 * is done are committed together, or neither is.
 */
class PostgresIdempotencyStore {
  #pool;
  #ownsPool;
  #sql;
  #table;
  #scope;
  #retentionMs;
  #ready;
  #purgedAt = Date.now();

  /**
   * @param {object} options one of the first three
   * @param {import('pg').Pool} [options.pool] yours; close() leaves it open
   * @param {string} [options.connectionString]
   * @param {import('pg').PoolConfig} [options.connection]
   * @param {string} [options.table] easyflow_processed_events; made when it is missing
   * @param {string} [options.scope] the consumer group
   * @param {number} [options.retentionMs] how long an id is remembered: 7 days
   */
  constructor(options) {
    const where = 'idempotency';
    const given = checkOptions(shape, options, where, { prefix: `${where}.` });
    const { pool, connectionString, connection } = given;
    const ways = [pool, connectionString, connection].filter((way) => way !== undefined);
    if (ways.length !== 1) {
      throw invalidOption('one of pool, connectionString and connection', where, ways);
    }
    this.#ownsPool = pool === undefined;
    this.#pool = pool ?? new (loadPg().Pool)(connection ?? { connectionString });
    // A connection that breaks while nobody uses it: the next query says so, or gets another one.
    if (this.#ownsPool) this.#pool.on('error', () => {});
    this.#table = given.table ?? 'easyflow_processed_events';
    this.#sql = statements(this.#table);
    this.#scope = given.scope ?? '';
    this.#retentionMs = given.retentionMs ?? 604_800_000;
  }

  /** Makes the table. Called by itself before the first query. */
  async prepare() {
    this.#ready ??= this.#createTable().catch((error) => {
      this.#ready = undefined;
      throw error;
    });
    return this.#ready;
  }

  async #createTable() {
    const client = await this.#pool.connect();
    let broken;
    try {
      await client.query('BEGIN');
      // Two that create a table at once would collide in the catalog, IF NOT EXISTS or not.
      await client.query('SELECT pg_advisory_xact_lock(hashtext($1))', [this.#table]);
      await client.query(this.#sql.create);
      await client.query('COMMIT');
    } catch (error) {
      broken = error;
      throw error;
    } finally {
      // A connection in the middle of a transaction is of no use to anybody.
      client.release(broken);
    }
  }

  async #query(statement, values, { client } = {}) {
    await this.prepare();
    return (client ?? this.#pool).query(this.#sql[statement], values);
  }

  async checkIfProcessed(id) {
    const { rowCount } = await this.#query('check', [this.#scope, checkId(id)]);
    return rowCount > 0;
  }

  async markAsProcessed(id, { client } = {}) {
    await this.#query('mark', [this.#scope, checkId(id)], { client });
    if (client === undefined) await this.#purgeNowAndThen();
  }

  async claim(id, { leaseMs } = {}) {
    const token = crypto.randomUUID();
    const values = [this.#scope, checkId(id), token, checkLease(leaseMs)];
    const { rowCount } = await this.#query('claim', values);
    if (rowCount > 0) return { status: 'claimed', token };
    const { rows } = await this.#query('look', [this.#scope, id]);
    if (rows[0]?.processed) return { status: 'processed' };
    // No row: it was released between the two.
    return { status: 'busy', retryAfterMs: Math.max(0, rows[0]?.remaining_ms ?? 0) };
  }

  async extend(id, token, { leaseMs } = {}) {
    const values = [this.#scope, checkId(id), token, checkLease(leaseMs)];
    return (await this.#query('extend', values)).rowCount > 0;
  }

  async complete(id, token, { client } = {}) {
    const { rowCount } = await this.#query('complete', [this.#scope, checkId(id), token], {
      client,
    });
    if (client === undefined) await this.#purgeNowAndThen();
    return rowCount > 0;
  }

  async release(id, token) {
    return (await this.#query('release', [this.#scope, checkId(id), token])).rowCount > 0;
  }

  /** Forgets ids older than `retentionMs`: once an hour by itself. Resolves to how many. */
  async purge() {
    return (await this.#query('purge', [this.#scope, this.#retentionMs])).rowCount;
  }

  async #purgeNowAndThen() {
    if (Date.now() - this.#purgedAt < PURGE_INTERVAL_MS) return;
    this.#purgedAt = Date.now();
    await this.purge();
  }

  async close() {
    if (this.#ownsPool) await this.#pool.end();
  }
}

module.exports = { PostgresIdempotencyStore };
