'use strict';

const { ExampleStage } = require('./support/example-program');

let stage;
beforeEach(() => {
  stage = new ExampleStage();
});
afterEach(() => stage.close());

async function succeeded(program) {
  expect(`${await program.ended()} ${program.stderr}`).toMatch(/^0 /);
  return program;
}

const FAST = ['--tasks', '300', '--rate', '0'];

describe('demo', () => {
  test('ends by itself with rates, latencies and the check of its counts', async () => {
    const { stdout } = await succeeded(stage.start('demo.js', FAST));
    for (const [topic, count] of [
      ['automation-tasks', 300],
      ['automation-results', 300],
      ['workflow-events', 600],
      ['status-updates', 600],
    ]) {
      expect(stdout).toMatch(
        new RegExp(`^${topic} +${count} +${count} +[\\d,]+ +[\\d.]+ +[\\d.]+$`, 'm'),
      );
    }
    expect(stdout).toMatch(/Checked: nothing lost, nothing doubled\.\n$/);
  });

  test('Ctrl-C ends it cleanly, with what it has seen so far', async () => {
    const demo = stage.start('demo.js', ['--tasks', '100000', '--rate', '200']);
    await demo.until(({ stdout }) => /status-updates [1-9]/.test(stdout), 'the first updates');
    demo.kill('SIGINT');
    await succeeded(demo);
    expect(demo.stdout).toMatch(/Interrupted after \d+ tasks; ended cleanly/);
  });

  test.each([
    'demo.js',
    'producer.js',
    'consumer.js',
    'copy-lines.js',
    'admin.js',
    'task-manager/service.js',
    'task-manager/worker.js',
    'task-manager/publish-new-task.js',
    'task-manager/test-task-updates.js',
    'spm/deadline-scheduler.js',
    'spm/service.js',
    'officeflow/onboarding.js',
    'etelios/services.js',
  ])('%s --help', async (name) => {
    const { stdout } = await succeeded(stage.start(name, ['--help']));
    expect(stdout).toMatch(/--bootstrap-servers/);
  });
});

describe('producer and consumer', () => {
  const idsOf = ({ lines }) => lines.map((line) => /task-\w+-\d+/.exec(line)?.[0]).filter(Boolean);

  test('a consumer that is interrupted and started again sees every message once', async () => {
    const producer = stage.start('producer.js', ['--count', '300', '--interval', '5']);
    await producer.until(({ lines }) => lines.length > 0);
    const seen = [];
    for (const enough of [40, 60, Infinity]) {
      const consumer = stage.start('consumer.js');
      await consumer.until(
        ({ lines, stderr }) =>
          stderr.includes('Waiting for') &&
          (lines.length >= enough || seen.length + lines.length >= 300),
        'enough messages',
      );
      consumer.kill('SIGINT');
      await succeeded(consumer);
      expect(consumer.stderr).toMatch(/offsets are committed/);
      seen.push(...idsOf(consumer));
    }
    await succeeded(producer);
    expect(seen.length).toBe(300);
    expect(seen.toSorted?.() ?? [...seen].sort()).toEqual(idsOf(producer).sort());
  });

  test('Ctrl-C of the producer loses nothing that it sent, and leaves the consumer running', async () => {
    const producer = stage.start('producer.js', ['--interval', '0']);
    const consumer = stage.start('consumer.js');
    await producer.until(({ lines }) => lines.length > 500);
    producer.kill('SIGINT');
    await succeeded(producer);
    const [, sent, acknowledged] = /Sent (\d+), acknowledged (\d+), failed 0/.exec(producer.stderr);
    expect(acknowledged).toBe(sent);
    await consumer.until(({ lines }) => lines.length >= Number(sent), 'all messages');
    consumer.kill('SIGINT');
    await succeeded(consumer);
    expect(idsOf(consumer).length).toBe(Number(sent));
  });

  test('lines of stdin become messages', async () => {
    const producer = stage.start('producer.js', ['--stdin', '--topic', 'lines'], {
      input: 'one\ntwo\nthree',
    });
    await succeeded(producer);
    const consumer = await succeeded(
      stage.start('consumer.js', ['--topic', 'lines', '--count', '3']),
    );
    expect(consumer.lines.map((line) => line.split(' ')[2]).sort()).toEqual([
      'one',
      'three',
      'two',
    ]);
  });
});

describe('bad configuration: one line, exit code 2', () => {
  test.each([
    ['producer.js', [], { KAFKA_BOOTSTRAP_SERVERS: 'nowhere' }, /KAFKA_BOOTSTRAP_SERVERS/],
    ['consumer.js', [], { KAFKA_SECURITY_PROTOCOL: 'SSL' }, /no bootstrap servers/],
    ['demo.js', [], { KAFKA_BROKERS: 'host.invalid:9092' }, /resolve 'host\.invalid:9092'/],
    ['demo.js', ['--tasks', '0'], {}, /--tasks: expected a whole number from 1/],
    ['demo.js', ['--taks', '1'], {}, /--taks/],
    ['copy-lines.js', ['cosnume'], {}, /received 'cosnume'/],
  ])('%s %j %j', async (name, args, env, message) => {
    const program = stage.start(name, args, { env });
    expect(await program.ended()).toBe(2);
    expect(program.stdout).toBe('');
    expect(program.stderr).toMatch(message);
    expect(program.stderr.trim().split('\n').length).toBe(1);
  });
});

describe('the other examples', () => {
  test('copy-lines takes lines in and out with one checksum', async () => {
    const input = Array.from({ length: 5_000 }, (_, at) => `line ${at} ü`).join('\n');
    const topic = ['--topic', 'copy'];
    const expected = (await succeeded(stage.start('copy-lines.js', ['checksum'], { input })))
      .stdout;
    expect(expected).toMatch(/^lines=5000 bytes=\d+ checksum=[0-9a-f]{12}\n$/);
    const produced = await succeeded(
      stage.start('copy-lines.js', ['produce', ...topic], { input }),
    );
    expect(produced.stdout).toBe(expected);
    for (const handler of ['each-batch', 'each-message']) {
      const args = ['consume', ...topic, '--handler', handler];
      expect((await succeeded(stage.start('copy-lines.js', args))).stdout).toBe(expected);
    }
    const copied = await succeeded(
      stage.start('copy-lines.js', ['consume', ...topic, '--output', '-']),
    );
    expect(copied.lines.sort()).toEqual(input.split('\n').sort());
  });

  test('transactions', async () => {
    const { stdout } = await succeeded(stage.start('transactions.js'));
    expect(stdout).toMatch(/5 of 5 tasks have their result/);
  });

  test('admin', async () => {
    await succeeded(stage.start('producer.js', ['--count', '3', '--interval', '0']));
    const { stdout } = await succeeded(stage.start('admin.js'));
    expect(stdout).toMatch(/automation-tasks: 4 partitions, 3 messages/);
  });

  test('embedded-testing', async () => {
    await succeeded(stage.start('embedded-testing.js'));
  });

  test('graceful-worker finishes the task in hand, and the next worker does the rest', async () => {
    await succeeded(stage.start('producer.js', ['--count', '8', '--interval', '0']));
    const first = stage.start('graceful-worker.js', ['--duration', '50']);
    await first.until(({ stdout }) => stdout.includes('started'));
    first.kill('SIGTERM');
    await succeeded(first);
    const second = stage.start('graceful-worker.js', ['--duration', '0']);
    const done = (program) => program.lines.filter((line) => line.endsWith('done'));
    await second.until(() => done(first).length + done(second).length >= 8, 'all tasks');
    second.kill('SIGTERM');
    await succeeded(second);
    const all = [...done(first), ...done(second)];
    expect(new Set(all).size).toBe(8);
    expect(all.length).toBe(8);
  });
});
