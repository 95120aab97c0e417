'use strict';

// Options that several commands have, and the forms of their values.

const { InvalidArgumentError, Option } = require('commander');

const INT32_MAX = 2_147_483_647;
const ISO_TIME = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?)?$/;

function expected(what, text) {
  return new InvalidArgumentError(`Expected ${what} but received '${text}'.`);
}

/** A whole number of an option. */
const integer = (min, max = INT32_MAX) =>
  function parse(text) {
    const number = /^-?\d{1,15}$/.test(text) ? Number(text) : NaN;
    if (number >= min && number <= max) return number;
    throw expected(`a whole number from ${min} to ${max}`, text);
  };

/** '0,2' */
function partitions(text) {
  const numbers = text
    .split(',')
    .map((part) => (/^\d{1,9}$/.test(part.trim()) ? Number(part) : NaN));
  if (numbers.every(Number.isInteger)) return [...new Set(numbers)];
  throw expected('partition numbers such as 0,2', text);
}

/** 'name=value', again and again; the same name may come twice, as in Kafka. */
function header(text, headers = {}) {
  const at = text.indexOf('=');
  if (at < 1) throw expected('name=value', text);
  const name = text.slice(0, at);
  (headers[name] ??= []).push(text.slice(at + 1));
  return headers;
}

const collect = (text, list = []) => [...list, text];

/**
 * A place in a partition.
 * @returns {{ kind: 'beginning' | 'end' } | { kind: 'offset', offset: bigint } | { kind: 'time', timeMs: number }}
 */
function position(text) {
  if (text === 'beginning' || text === 'earliest') return { kind: 'beginning' };
  if (text === 'end' || text === 'latest') return { kind: 'end' };
  if (/^\d{1,18}$/.test(text)) return { kind: 'offset', offset: BigInt(text) };
  const timeMs = ISO_TIME.test(text) ? Date.parse(text) : NaN;
  if (!Number.isNaN(timeMs)) return { kind: 'time', timeMs };
  throw expected('beginning, end, an offset or an ISO time such as 2026-03-01T12:00:00Z', text);
}

/** A time, as a Date. */
function time(text) {
  const timeMs = ISO_TIME.test(text) ? Date.parse(text) : NaN;
  if (!Number.isNaN(timeMs)) return new Date(timeMs);
  throw expected('an ISO time such as 2026-03-01T12:00:00Z', text);
}

function json(text) {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new InvalidArgumentError(`Expected JSON: ${error.message}.`);
  }
}

const withOutput = (command) => command.option('--json', 'JSON instead of tables');

/** Of every command that connects. */
const withConnection = (command) =>
  withOutput(command)
    .option('--brokers <host:port,…>', 'else KAFKA_BOOTSTRAP_SERVERS, else client.properties')
    .option('--bootstrap-servers <host:port,…>', 'the same')
    .option('--config <file>', 'a client.properties file')
    .option('--verbose', "the client's log, and the stack of an error");

function withCatalog(command, { isRequired = false } = {}) {
  const option = new Option(
    '--catalog <name|file>',
    'a catalog: the name of a shipped one, or a file',
  ).makeOptionMandatory(isRequired);
  return command.addOption(option).option('--org <id>', 'the organization of templated topics');
}

module.exports = {
  integer,
  partitions,
  header,
  collect,
  position,
  time,
  json,
  withOutput,
  withConnection,
  withCatalog,
};
