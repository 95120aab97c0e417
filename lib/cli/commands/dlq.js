'use strict';

const { DLQHandler } = require('../../service/dlq-handler');
const { CODES, UsageError, linesOf } = require('../failures');
const { table } = require('../output');
const { collect, integer, time, withCatalog, withConnection } = require('../options');
const { shortOf } = require('../record-line');

/** What each command does with a letter, and where it finds it. */
const WORK = {
  retry: { quarantined: false, done: 'sent back' },
  quarantine: { quarantined: false, done: 'in quarantine' },
  release: { quarantined: true, done: 'sent back' },
};

/** 'dlq.tasks/0/12' */
function parsePlace(text) {
  const [, topic, partition, offset] = /^([^/]+)\/(\d{1,9})\/(\d{1,18})$/.exec(text) ?? [];
  if (topic === undefined) {
    throw new UsageError(
      `expected <topic>/<partition>/<offset> of a letter, but received '${text}'`,
    );
  }
  return { topic, partition: Number(partition), offset };
}

function handlerOf(session) {
  const { catalog, quarantineTopic } = session.options;
  const handler = new DLQHandler(session.kafka, {
    ...(catalog !== undefined && { catalog: session.catalog() }),
    ...(quarantineTopic !== undefined && { quarantine: quarantineTopic }),
  });
  session.onClose(() => handler.stop());
  session.cutShort(() => handler.stop());
  return handler;
}

const select = (handler, { topic, reason, since, until, limit }, quarantined) =>
  handler.list({
    topic,
    quarantined,
    limit,
    reasons: reason,
    failedFrom: since,
    failedUntil: until,
  });

/** For programs: bytes as texts where they are. */
const documentOf = ({ key, value, headers, ...letter }) => ({
  ...letter,
  key: shortOf(key),
  value: shortOf(value),
  headers: Object.fromEntries(Object.entries(headers).map(([name, each]) => [name, shortOf(each)])),
});

async function list(session) {
  const letters = await select(
    handlerOf(session),
    session.options,
    session.options.quarantined === true,
  );
  await session.output.result(letters.map(documentOf), () =>
    table(
      [
        'topic',
        'partition',
        'offset',
        'failed at',
        'reason',
        'group',
        'attempts',
        'returns',
        'error',
      ],
      letters.map((letter) => [
        letter.topic,
        letter.partition,
        letter.offset,
        letter.failedAt,
        letter.reason,
        letter.group,
        letter.attempts,
        letter.returns,
        letter.message?.split('\n')[0],
      ]),
    ),
  );
}

/** The letters that a command is about: some places, or a selection. */
async function chosenBy(handler, places, { all, ...options }, quarantined) {
  const { topic, reason, since, until } = options;
  const isSelection = [topic, reason, since, until, all].some((each) => each !== undefined);
  if (places.length > 0 === isSelection) {
    throw new UsageError(
      'needs either places (<topic>/<partition>/<offset>) or --topic, --reason, --since, --until, --all',
    );
  }
  return places.length > 0 ? places.map(parsePlace) : select(handler, options, quarantined);
}

const placeOf = ({ topic, partition, offset }) => ({ topic, partition, offset });

function worker(command) {
  const { quarantined, done } = WORK[command];
  return async (session, places) => {
    const handler = handlerOf(session);
    const letters = await chosenBy(handler, places, session.options, quarantined);
    const executed = session.options.execute === true;
    const rows = [];
    let failed = 0;
    for (const letter of letters) {
      const row = { ...placeOf(letter), result: executed ? done : `would be ${done}` };
      rows.push(row);
      if (!executed) continue;
      try {
        await handler[command](placeOf(letter));
      } catch (error) {
        // A topic that is gone is no trouble of the letters of others.
        if (session.signal.aborted || error.errorCode !== 'ERR_KAFKA_UNKNOWN_TOPIC') {
          const before = rows.length - 1 - failed;
          if (before > 0) session.output.say(`${before} of ${letters.length} letters: ${done}`);
          throw error;
        }
        row.result = `failed: ${linesOf(error)[0]}`;
        failed += 1;
      }
      session.output.progress(rows.length, { total: letters.length, unit: 'letters' });
    }
    await session.output.result({ executed, failed, letters: rows }, () =>
      table(['topic', 'partition', 'offset', 'result'], rows.map(Object.values)),
    );
    if (!executed) session.output.say('Nothing was changed: add --execute to do it.');
    return failed === 0 ? CODES.ok : CODES.failed;
  };
}

const withSelection = (command) =>
  withCatalog(withConnection(command))
    .option('--topic <name>', 'of this topic: the original name, without dlq.')
    .option('--reason <reason>', 'attempts, invalid, …; may be given again', collect)
    .option('--since <time>', 'that failed from this ISO time on', time)
    .option('--until <time>', 'that failed before this ISO time', time)
    .option('--limit <n>', 'at most so many', integer(1), 100)
    .option('--quarantine-topic <name>', 'where it is not quarantine.{topic}');

const withWork = (command) =>
  withSelection(command)
    .argument('[place...]', '<topic>/<partition>/<offset> of a letter, as list shows it')
    .option('--all', 'whatever --limit allows')
    .option('--execute', 'does it');

function register(program, action) {
  const dlq = program.command('dlq').description('dead letters and their quarantine');
  withSelection(dlq.command('list'))
    .description('what there is, dealt with or not: Kafka keeps letters until their retention ends')
    .option('--quarantined', 'of the quarantine instead')
    .action(action(list));
  withWork(dlq.command('retry'))
    .description('shows which letters would go back to their topic; --execute sends them')
    .action(action(worker('retry')));
  withWork(dlq.command('quarantine'))
    .description('shows which letters would be put into quarantine; --execute puts them there')
    .action(action(worker('quarantine')));
  withWork(dlq.command('release'))
    .description('shows which letters of the quarantine would go back; --execute sends them')
    .action(action(worker('release')));
}

module.exports = { register };
