'use strict';

// `npm run …` on a terminal: a shell, npm, and the shell that npm starts stand between Ctrl-C and the program.

const { Terminals } = require('./support/terminal');
const { until } = require('./support/until');

const DEMO = 'npm run demo -- --tasks';
// Nothing configured; npm's own spinner and notices are not what is looked at.
const QUIET = { npm_config_progress: 'false', npm_config_update_notifier: 'false' };

let terminals;
beforeEach(() => {
  terminals = new Terminals();
});
afterEach(() => terminals.close());

const open = (command, options = {}) =>
  terminals.open(command, { ...options, env: { ...QUIET, ...options.env } });

/** The pictures of the demo that came after `from`, each an array of lines. */
function pictures(screen) {
  const lines = screen
    .split('\n')
    .filter((line) => line.includes('\x1b[2K'))
    .map((line) => line.replace(/^.*\x1b\[2K/, '')); // eslint-disable-line no-control-regex
  return Array.from({ length: Math.floor(lines.length / 5) }, (_, at) =>
    lines.slice(at * 5, at * 5 + 5),
  );
}

describe('the demo', () => {
  test.each([80, 60])('in %i columns shows every figure, and no line wraps', async (columns) => {
    const { screen, exitCode } = await open(`${DEMO} 200`, { columns }).ended();
    expect(exitCode).toBe(0);
    const all = pictures(screen);
    expect(all.length).toBeGreaterThan(1);
    for (const lines of all) {
      expect(lines.filter((line) => line.length >= columns)).toEqual([]);
      for (const line of lines.slice(0, 4)) expect(line).toMatch(/p50 +\S+, p99 +\S+ ms$/);
    }
    const table = screen.slice(screen.indexOf('\ntopic '));
    expect(table.split('\n').filter((line) => line.length > columns)).toEqual([]);
    expect(table).toMatch(/Checked: nothing lost, nothing doubled\.\n/);
  });

  test('a window that becomes narrow gets a picture that fits', async () => {
    const terminal = open(`${DEMO} 100000`, { columns: 100 });
    await terminal.shows(/last: task-[1-9]/);
    terminal.resize(60);
    const wide = pictures(terminal.screen).length;
    const isNarrow = (lines) => lines.every((line) => line.length < 60);
    await until(() => pictures(terminal.screen).slice(wide).some(isNarrow), 'a narrow picture');
    terminal.ctrlC();
    await terminal.ended();
    const all = pictures(terminal.screen);
    expect(all.slice(0, wide).some(isNarrow)).toBe(false);
    expect(isNarrow(all.at(-1))).toBe(true);
  });

  test('a terminal that cannot redraw gets lines', async () => {
    const { screen, exitCode } = await open(`${DEMO} 200`, { env: { TERM: 'dumb' } }).ended();
    expect(exitCode).toBe(0);
    expect(screen.slice(screen.indexOf('source -> worker'))).not.toContain('\x1b');
    expect(screen).toMatch(/s {2}automation-tasks \d+, automation-results/);
  });

  test('without --tasks it goes on until Ctrl-C, and serves its page meanwhile', async () => {
    const terminal = open('npm run demo');
    await terminal.shows(/last: task-[1-9]/);
    const [, url] = /^Live page: (\S+?)\r?$/m.exec(terminal.screen);
    const response = await fetch(url);
    expect(await response.text()).toMatch(/<!doctype html>/);
    await terminal.shows(/status-updates +[1-9]\d\d/); // no bar: there is no end to come nearer to
    terminal.ctrlC();
    const { screen, exitCode } = await terminal.ended();
    expect(screen).toMatch(/Interrupted after \d+ tasks; ended cleanly\.\nexit 0\n$/);
    expect(exitCode).toBe(0);
    expect(terminals.processes()).toEqual([]);
    await expect(fetch(url)).rejects.toThrow();
  });

  test('Ctrl-C: the last lines come before the prompt, exit code 0, nothing is left', async () => {
    const terminal = open(`${DEMO} 100000`);
    await terminal.shows(/last: task-[1-9]/);
    terminal.ctrlC();
    const { screen, exitCode } = await terminal.ended();
    expect(screen).toMatch(/Interrupted after \d+ tasks; ended cleanly\.\nexit 0\n$/);
    expect(exitCode).toBe(0);
    expect(terminals.processes()).toEqual([]);
  });
});

describe('producer and consumer', () => {
  const offsets = (screen) => screen.match(/\S+\[\d\]@\d+ \S+/g) ?? [];

  test('Ctrl-C of the consumer: offsets are committed before the prompt; the next one goes on there', async () => {
    const consumer = open('npm run consumer'); // first: it waits for what comes
    await consumer.shows(/Waiting for messages/);
    const producer = open('npm run producer -- --interval 50');
    await consumer.shows(/@2 /);
    consumer.ctrlC();
    await consumer.ended();
    expect(consumer.screen).toMatch(/Received \d+ messages; offsets are committed\.\nexit 0\n$/);

    const got = offsets(consumer.screen).length;
    const acknowledged = () => producer.screen.match(/\[\d\]@\d+\n/g)?.length ?? 0;
    await until(() => acknowledged() > got, 'a message that it did not get');
    producer.ctrlC();
    await producer.ended();
    expect(producer.screen).toMatch(/Sent (\d+), acknowledged \1, failed 0\.\nexit 0\n$/);
    const sent = Number(/Sent (\d+)/.exec(producer.screen)[1]);

    const rest = sent - got;
    const second = await open(`npm run consumer -- --count ${rest}`).ended();
    expect(second.exitCode).toBe(0);
    const seen = [...offsets(consumer.screen), ...offsets(second.screen)];
    expect(seen.length).toBe(sent);
    expect(new Set(seen).size).toBe(sent);
  });

  test('a typed line becomes a task, and Ctrl-C ends the producer while it reads', async () => {
    const producer = open('npm run producer');
    await producer.shows(/type a line/);
    producer.type('backup.sh --all\r');
    await producer.shows(/typed-\d+-1 -> automation-tasks\[\d\]@\d+\n/);
    producer.ctrlC();
    expect((await producer.ended()).exitCode).toBe(0);
    const consumer = open('npm run consumer');
    await consumer.shows(/"script":"backup\.sh --all"/);
    consumer.ctrlC();
    expect((await consumer.ended()).exitCode).toBe(0);
  });

  test('the broker is killed: the program says what happened and what to do, and a new start works', async () => {
    const consumer = open('npm run consumer');
    await consumer.shows(/Waiting for messages/);
    process.kill(Number(/\(process (\d+)\)/.exec(consumer.screen)[1]), 'SIGKILL');
    await consumer.ended();
    expect(consumer.exitCode).toBe(1);
    expect(consumer.screen).toMatch(
      /consumer: The embedded broker ended, .*; start the programs again .*\n/,
    );
    const again = open('npm run producer -- --count 1');
    await again.ended();
    expect(again.exitCode).toBe(0);
    expect(again.screen).toMatch(/hosting the embedded broker/);
  });

  test('the window is closed: the program ends, and what it handled is committed', async () => {
    await open('npm run producer -- --count 3 --interval 0').ended();
    const consumer = open('npm run consumer');
    await consumer.shows(/(@\d [^]*){3}/);
    const [, broker] = /\(process (\d+)\)/.exec(consumer.screen);
    consumer.kill();
    const isOver = () => terminals.processes().every((pid) => pid === broker);
    await until(isOver, 'the end of the program');
    await open('npm run producer -- --count 1 --interval 0').ended();
    const next = await open('npm run consumer -- --count 1').ended();
    const [first] = offsets(next.screen);
    expect(offsets(consumer.screen)).toHaveLength(3);
    expect(offsets(consumer.screen)).not.toContain(first);
  });
});
