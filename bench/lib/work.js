'use strict';

const CONSUME_TIMEOUT_MS = 120_000;

/**
 * The kinds of work. `messages` is the default for a whole run; `group` is what the command line may say instead of
 * the name.
 */
const WORK = {
  'consume-batch': {
    group: 'consume',
    title: 'Consume, eachBatch',
    messages: 1_000_000,
  },
  'consume-message': {
    group: 'consume',
    title: 'Consume, eachMessage',
    messages: 1_000_000,
  },
  'produce-batch': {
    group: 'produce',
    title: 'Produce, batches of 1,000, 8 in flight, acks all',
    messages: 500_000,
    batch: 1_000,
    inFlight: 8,
  },
  'produce-single': {
    group: 'produce',
    title: 'Produce, awaited single sends from 1,000 concurrent callers, acks all',
    messages: 100_000,
    batch: 1,
    inFlight: 1_000,
  },
  latency: {
    group: 'latency',
    title: 'Latency, produce call to consumer callback, 200 messages/s',
    messages: 2_000,
    rate: 200,
  },
};

const GROUPS = [...new Set(Object.values(WORK).map(({ group }) => group))];

function namesOf(words) {
  if (words.length === 0) return Object.keys(WORK);
  return words.flatMap((word) => {
    if (WORK[word]) return [word];
    const names = Object.keys(WORK).filter((name) => WORK[name].group === word);
    if (names.length > 0) return names;
    const known = [...GROUPS, ...Object.keys(WORK)].join(', ');
    throw new TypeError(`Expected one of ${known} for work but received ${word}`);
  });
}

/** Messages before and after the measured ones, as a share of them. */
const LEAD = 0.25;

/** What a side is told, except the topic and the group. */
function sideArguments(name, options, brokers) {
  const { messages, batch, inFlight, rate } = WORK[name];
  return {
    work: name,
    brokers,
    messages: options.messages ?? messages,
    lead: Math.ceil((options.messages ?? messages) * LEAD),
    size: options.size,
    batch: batch ?? 1_000,
    inFlight: inFlight ?? 8,
    rate: rate ?? 200,
    handler: options.handler,
    timeoutMs: CONSUME_TIMEOUT_MS,
  };
}

module.exports = { WORK, namesOf, sideArguments };
