'use strict';

/** Distinct values that the senders go round in. */
const DISTINCT_VALUES = 1_000;

const LETTERS = 'abcdefghijklmnopqrstuvwxyz';
const SMALLEST = 48;

/** A JSON text of exactly `size` bytes; bench/native/bench.c makes the same. */
function makeValue(index, size) {
  if (size < SMALLEST)
    throw new RangeError(`Expected at least ${SMALLEST} for size but received ${size}`);
  const head = `{"id":${index},"pad":"`;
  let pad = '';
  for (let at = head.length; at < size - 2; at += 1) pad += LETTERS[(index + at) % 26];
  // Through a Buffer: a string put together piece by piece is flattened by whoever reads it first.
  return Buffer.from(`${head}${pad}"}`).toString('latin1');
}

function makeValues(size, count = DISTINCT_VALUES) {
  return Array.from({ length: count }, (_, index) => makeValue(index, size));
}

module.exports = { makeValue, makeValues, DISTINCT_VALUES };
