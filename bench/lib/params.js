'use strict';

// What a case of the benchmark may vary, and the words for it: `size=1000`, `compression=lz4`.

const whole = (text, name) => {
  const number = Number(text);
  if (Number.isInteger(number) && number >= 0) return number;
  throw new TypeError(`Expected a whole number for ${name} but received ${text}`);
};

const positive = (text, name) => {
  const number = whole(text, name);
  if (number > 0) return number;
  throw new TypeError(`Expected a positive integer for ${name} but received ${text}`);
};

const oneOf =
  (...names) =>
  (text, name) => {
    if (names.includes(text)) return text;
    throw new TypeError(`Expected ${names.join(' or ')} for ${name} but received ${text}`);
  };

const number = (value) => value.toLocaleString('en-US');

/** By name: how a word becomes a value, the value's words in a table, and the value where nothing is said. */
const PARAMS = {
  messages: { parse: positive, default: 1_000_000, label: (n) => `${number(n)} messages` },
  size: { parse: positive, default: 200, label: (n) => `${number(n)} B` },
  headers: { parse: whole, default: 0, label: (n) => `${n} headers` },
  json: { parse: oneOf('no', 'yes'), default: 'no', label: () => 'JSON parsed' },
  handler: { parse: oneOf('async', 'sync'), default: 'async', label: (n) => `${n} handler` },
  handlerUs: { parse: whole, default: 0, label: (n) => `handler computes ${n} µs` },
  lazy: { parse: oneOf('no', 'yes'), default: 'no', label: () => 'lazyMessages' },
  // The loop's delay without the scheduler's part: that thread runs as soon as it wants to.
  loop: {
    parse: oneOf('shared', 'realtime'),
    default: 'shared',
    label: () => 'JavaScript thread with real-time priority',
  },
  waitMs: { parse: whole, default: 0, label: (n) => `handler awaits a timer of ${n} ms` },
  partitions: { parse: positive, default: 4, label: (n) => `${n} partition${n > 1 ? 's' : ''}` },
  batch: { parse: positive, default: 1_000, label: (n) => `batches of ${number(n)}` },
  inFlight: { parse: positive, default: 8, label: (n) => `${number(n)} in flight` },
  values: { parse: oneOf('string', 'buffer'), default: 'string', label: (n) => `${n}s` },
  compression: { parse: oneOf('none', 'lz4', 'zstd'), default: 'none', label: (n) => n },
  rate: { parse: positive, default: 200, label: (n) => `${number(n)} messages/s` },
  perTransaction: { parse: positive, default: 500, label: (n) => `${n} messages a transaction` },
  group: { parse: oneOf('new', 'existing'), default: 'new', label: (n) => `${n} group` },
  seconds: { parse: positive, default: 10, label: (n) => `${n} s asleep` },
  clients: { parse: positive, default: 1_000, label: (n) => `${number(n)} clients` },
  entities: { parse: positive, default: 1_000, label: (n) => `${number(n)} entities` },
  each: { parse: positive, default: 10, label: (n) => `${n} channels each` },
  items: {
    parse: positive,
    default: 100_000,
    label: (n) => `${number(n)} entities in the snapshot`,
  },
  stuck: { parse: whole, default: 1, label: (n) => `${n} that read nothing` },
  trickle: { parse: whole, default: 100, label: (n) => `${n} that read 1 KB/s` },
  napUs: {
    parse: whole,
    default: 1_000,
    label: (n) => (n > 0 ? `clients look every ${n} µs` : 'every write wakes the clients'),
  },
  mode: { parse: oneOf('latest', 'all'), default: 'latest', label: (n) => `mode ${n}` },
  consumers: { parse: positive, default: 50, label: (n) => `${n} consumer${n > 1 ? 's' : ''}` },
};

/** `size=1000,headers=2` as an object. */
function parseParams(text) {
  return Object.fromEntries(
    text.split(',').map((word) => {
      const [name, value] = word.split('=');
      if (!Object.hasOwn(PARAMS, name) || value === undefined) {
        const known = Object.keys(PARAMS).join(', ');
        throw new TypeError(`Expected <name>=<value> with one of ${known} but received ${word}`);
      }
      return [name, PARAMS[name].parse(value, name)];
    }),
  );
}

module.exports = { PARAMS, parseParams };
