'use strict';

// A store says which events were processed. Any object with these methods is one:
//   checkIfProcessed(id) -> boolean
//   markAsProcessed(id)
//   claim(id, { leaseMs }) -> { status: 'claimed', token } | { status: 'processed' } | { status: 'busy', retryAfterMs }
//       of several at once one gets the claim; it ends with complete() or release(), or when its lease does
//   extend(id, token, { leaseMs }) -> boolean      a handler that takes longer keeps its claim
//   complete(id, token) -> boolean                 false: the claim is somebody else's by now
//   release(id, token) -> boolean                  it was not done: the next may try
//   close()

const { MemoryIdempotencyStore } = require('./memory');
const { PostgresIdempotencyStore } = require('./postgres');

module.exports = { MemoryIdempotencyStore, PostgresIdempotencyStore };
