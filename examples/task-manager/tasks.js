'use strict';

// The table of tasks: each row is what the topic of status messages says about its task.

const { NonRetriableError } = require('../../lib/service');

const CREATE = `CREATE TABLE IF NOT EXISTS task (
  id text PRIMARY KEY,
  user_email text NOT NULL,
  user_query text NOT NULL,
  original_url text NOT NULL,
  status text NOT NULL,
  result text,
  error text,
  received_at timestamptz NOT NULL,
  finished_at timestamptz,
  status_changes integer NOT NULL DEFAULT 1)`;

/** Several services may start at once on an empty database. */
async function createTable(client) {
  await client.query("SELECT pg_advisory_xact_lock(hashtext('task'))");
  await client.query(CREATE);
}

/** @returns {Promise<boolean>} whether it is new */
async function insert(client, { taskId, userEmail, userQuery, originalUrl, receivedAt }) {
  const { rowCount } = await client.query(
    `INSERT INTO task (id, user_email, user_query, original_url, status, received_at)
     VALUES ($1, $2, $3, $4, 'new', $5) ON CONFLICT (id) DO NOTHING`,
    [taskId, userEmail, userQuery, originalUrl, receivedAt],
  );
  return rowCount === 1;
}

/** A task that is finished stays as it is: two workers may have done it. @returns {Promise<boolean>} whether it changed */
async function update(client, { taskId, status, result = null, error = null, finishedAt = null }) {
  const { rowCount } = await client.query(
    `UPDATE task SET status = $2, result = $3, error = $4, finished_at = $5, status_changes = status_changes + 1
     WHERE id = $1 AND finished_at IS NULL`,
    [taskId, status, result, error, finishedAt],
  );
  if (rowCount === 1) return true;
  const known = await client.query('SELECT 1 FROM task WHERE id = $1', [taskId]);
  // Its messages are in order on one partition, so its "new" will not come any more.
  if (known.rowCount === 0) throw new NonRetriableError(`There is no task ${taskId}`);
  return false;
}

module.exports = { createTable, insert, update };
