'use strict';

const { Pool } = require('pg');
const { startPostgres } = require('../../scripts/postgres');
const { PostgresIdempotencyStore } = require('../../lib/service/policies/idempotency');
const { idempotencySuite } = require('../unit/support/idempotency-suite');

let postgres;
let pool;
let tables = 0;

beforeAll(async () => {
  postgres = await startPostgres();
  pool = new Pool({ connectionString: postgres.connectionString });
  // pool.end() does not wait until the server knows: ending, it may still say so to a connection that nobody uses.
  pool.on('error', () => {});
});
afterAll(async () => {
  await pool?.end();
  await postgres?.stop();
});

const newTable = () => `processed_${(tables += 1)}`;
const makeStore = (options) =>
  new PostgresIdempotencyStore({
    connectionString: postgres.connectionString,
    table: newTable(),
    ...options,
  });

describe('as every store', () => {
  idempotencySuite(() => makeStore());
});

test('workers that start together on an empty database make one table, and one gets the claim', async () => {
  const table = newTable();
  const stores = Array.from({ length: 6 }, () => makeStore({ table }));
  const claims = await Promise.all(stores.map((store) => store.claim('a')));
  expect(claims.filter(({ status }) => status === 'claimed')).toHaveLength(1);
  await Promise.all(stores.map((store) => store.close()));
});

test('scopes are apart: each group processes an event once', async () => {
  const table = newTable();
  const [a, b] = ['group-a', 'group-b'].map((scope) =>
    makeStore({ table, scope, pool, connectionString: undefined }),
  );
  await a.markAsProcessed('e');
  expect(await a.checkIfProcessed('e')).toBe(true);
  expect(await b.checkIfProcessed('e')).toBe(false);
});

test('work and completion are committed together, or neither is', async () => {
  const store = makeStore({ pool, connectionString: undefined });
  await pool.query('CREATE TABLE status (task text, state text)');
  const { token } = await store.claim('e');
  const client = await pool.connect();
  for (const end of ['ROLLBACK', 'COMMIT']) {
    await client.query('BEGIN');
    await client.query("INSERT INTO status VALUES ('t', 'done')");
    expect(await store.complete('e', token, { client })).toBe(true);
    expect(await store.checkIfProcessed('e')).toBe(false);
    await client.query(end);
    expect(await store.checkIfProcessed('e')).toBe(end === 'COMMIT');
    expect((await pool.query('SELECT * FROM status')).rowCount).toBe(end === 'COMMIT' ? 1 : 0);
  }
  client.release();
});

test('what is older than the retention is forgotten, a claim is not', async () => {
  const table = newTable();
  const store = makeStore({ table, retentionMs: 3_600_000 });
  await store.markAsProcessed('old');
  await store.markAsProcessed('new');
  await store.claim('claimed');
  await pool.query(
    `UPDATE ${table} SET processed_at = processed_at - interval '2 hours' WHERE id = 'old'`,
  );
  expect(await store.purge()).toBe(1);
  expect(await store.checkIfProcessed('old')).toBe(false);
  expect(await store.checkIfProcessed('new')).toBe(true);
  expect((await store.claim('claimed')).status).toBe('busy');
  await store.close();
});

test('a table in a schema, made where it is missing', async () => {
  await pool.query('CREATE SCHEMA own');
  const store = makeStore({ table: 'own.Processed' });
  await store.markAsProcessed('a');
  expect((await pool.query('SELECT id FROM own."Processed"')).rows).toEqual([{ id: 'a' }]);
  await store.close();
});

test('a database that was away is asked again', async () => {
  const store = makeStore({ table: 'missing.schema_table' });
  await expect(store.claim('a')).rejects.toThrow(/schema "missing" does not exist/);
  await pool.query('CREATE SCHEMA missing');
  expect((await store.claim('a')).status).toBe('claimed');
  await store.close();
});

test('a connection that breaks while it is idle ends nothing', async () => {
  const name = 'idle-test';
  const { connectionString } = postgres;
  const connection = { connectionString, application_name: name };
  const store = makeStore({ connection, connectionString: undefined });
  await store.markAsProcessed('a');
  const ended = await pool.query(
    'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1',
    [name],
  );
  expect(ended.rowCount).toBe(1);
  // The pool may still hand out what broke a moment ago: then that one call fails, the process does not.
  const ask = () => store.checkIfProcessed('a').catch(ask);
  expect(await ask()).toBe(true);
  await store.close();
});

test.each([
  [{}, /one of pool, connectionString and connection/],
  [{ connectionString: 'postgres://u:s3cret@h/d', connection: {} }, /one of pool/],
  [{ connection: {}, table: 'x; DROP TABLE y' }, /a table name/],
  [{ connectionString: 5 }, /a secret value/],
])('options %j', (options, message) => {
  const make = () => new PostgresIdempotencyStore(options);
  expect(make).toThrow(message);
  expect(make).not.toThrow(/s3cret/);
});
