'use strict';

/** Distinct values that the senders go round in. */
const DISTINCT_VALUES = 1_000;

const LETTERS = 'abcdefghijklmnopqrstuvwxyz';
const SMALLEST = 48;

/** What a message with headers carries; bench/native/bench.h has the same. */
const HEADERS = { trace: '00-4bf92f3577b34da6a3ce929d0e0e4736-01', source: 'bench' };

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

/** The first `count` headers. */
const makeHeaders = (count) => Object.fromEntries(Object.entries(HEADERS).slice(0, count));

module.exports = { makeValue, makeValues, makeHeaders, DISTINCT_VALUES };
