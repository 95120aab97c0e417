'use strict';

// examples/spm/deadline-scheduler.js: each event once for a deadline, whatever happens to the schedulers.

const { envelope } = require('../../lib/service');
const { realBroker } = require('../shared/brokers');
const { clientsOf, unique } = require('../shared/clients');
const { ExampleStage } = require('../unit/support/example-program');

jest.setTimeout(300_000);

const NOW = Date.parse('2026-03-01T12:00:00Z');
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const spm = envelope('spm');

const broker = realBroker();
const clients = clientsOf(broker);
let stage;
beforeEach(() => {
  stage = new ExampleStage({ KAFKA_BOOTSTRAP_SERVERS: broker.bootstrap });
});
afterEach(() => stage.close());

/** A topic of schedules, and schedulers for it. */
async function scene() {
  const topic = await clients.newTopic();
  const name = unique('scheduler');
  const producer = await clients.producer();
  const send = (events) =>
    producer.send({
      topic,
      messages: events.map(({ type, ...data }) => ({
        key: data.task_id,
        ...spm.encode({ type, data }),
      })),
    });
  const start = (now) => {
    const time = new Date(now).toISOString();
    const args = ['--topic', topic, '--name', name, '--now', time, '--interval', '50'];
    return stage.start('spm/deadline-scheduler.js', args);
  };
  const eventsOf = (messages) =>
    messages
      .map(({ value, headers }) => spm.decode(value, headers))
      .filter(({ type }) => type.startsWith('deadline_'))
      .map(({ type, payload }) => `${payload.task_id} ${type}`);
  const untilPublished = (count) =>
    clients.readUntil(topic, (all) => new Set(eventsOf(all)).size >= count, { timeoutMs: 120_000 });
  /** Everything that was published, once all schedulers have ended. */
  const published = async () => {
    await send([{ type: 'schedule_deleted', task_id: 'end' }]);
    return eventsOf(
      await clients.readUntil(topic, (all) => String(all.at(-1)?.key) === 'end'),
    ).sort();
  };
  return { send, start, untilPublished, published };
}

const schedule = (task_id, deadline, type = 'schedule_created') => ({
  type,
  task_id,
  id: `schedule-of-${task_id}`,
  deadline: new Date(deadline).toISOString(),
});
const tasks = (name, count, deadline) =>
  Array.from({ length: count }, (_, number) => schedule(`${name}-${number}`, deadline));
const each = (name, count, type) =>
  Array.from({ length: count }, (_, number) => `${name}-${number} ${type}`);

async function ended(program) {
  program.kill('SIGINT');
  expect(`${await program.ended()} ${program.stderr}`).toMatch(/^0 /);
}

test('killed amid its work, restarted, two at once: each task has each event once', async () => {
  const { send, start, untilPublished, published } = await scene();
  await send([
    ...tasks('soon', 100, NOW + 2 * DAY_MS),
    ...tasks('late', 100, NOW - HOUR_MS),
    ...tasks('far', 10, NOW + 30 * DAY_MS),
  ]);
  const killed = start(NOW);
  await killed.until(({ lines }) => lines.length > 0, 'its first events');
  killed.kill('SIGKILL');
  await killed.closed;

  const two = [start(NOW), start(NOW)];
  await untilPublished(200);
  // One of them may have ended by itself, when the other one took over.
  for (const program of two) {
    await program.until(({ stderr, exit }) => stderr.includes('Watching') || exit !== undefined);
    await ended(program);
  }

  const later = start(NOW + 2 * DAY_MS + HOUR_MS);
  await untilPublished(300);
  await ended(later);

  expect(await published()).toEqual(
    [
      ...each('late', 100, 'deadline_overdue'),
      ...each('soon', 100, 'deadline_approaching'),
      ...each('soon', 100, 'deadline_overdue'),
    ].sort(),
  );
});

test('a deadline that is put off is announced anew, one that is deleted is not', async () => {
  const { send, start, published } = await scene();
  await send([schedule('moved', NOW + DAY_MS), schedule('deleted', NOW + 5 * DAY_MS)]);
  const first = start(NOW);
  await first.until(({ lines }) => lines.length === 1, 'the first deadline');
  await ended(first);

  await send([
    schedule('moved', NOW + 9 * DAY_MS, 'schedule_updated'),
    { type: 'schedule_deleted', task_id: 'deleted' },
    schedule('last', NOW + 7 * DAY_MS),
  ]);
  const second = start(NOW);
  await second.until(({ stderr }) => stderr.includes('Watching'), 'its start');
  await ended(second);
  const third = start(NOW + 8 * DAY_MS);
  await third.until(({ lines }) => lines.length === 2, 'the new deadlines');
  await ended(third);
  expect(await published()).toEqual([
    'last deadline_overdue',
    'moved deadline_approaching',
    'moved deadline_approaching',
  ]);
});
