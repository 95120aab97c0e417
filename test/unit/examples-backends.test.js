'use strict';

// The back-ends of OfficeFlow, Etelios and SPM in examples/, with nothing configured: what somebody sees who starts them.

const { ExampleStage } = require('./support/example-program');

/** One for all: each system has its own topics and groups. */
let stage;
beforeAll(() => {
  stage = new ExampleStage();
});
afterAll(() => stage.close());

async function succeeded(program) {
  expect(`${await program.ended()} ${program.stderr}`).toMatch(/^0 /);
  return program;
}

const UUID = /^[0-9a-f]{8}-[0-9a-f-]{27}$/;

/** Lines `<correlation id> <what>`: the one id that all have, and what each says. */
function chainOf({ lines }) {
  const chain = lines.map((line) => line.split(' ')).filter(([id]) => UUID.test(id));
  expect(new Set(chain.map(([id]) => id)).size).toBe(1);
  return chain.map(([, ...words]) => words.join(' '));
}

describe('officeflow/onboarding.js', () => {
  const slack = 'slack.message.send.request slack-service:';

  test('one operation from the employee to the last result, over the dead-letter topic of Slack’s request', async () => {
    const env = { DEMO_ORG_ID: 'acme' };
    const program = await succeeded(
      stage.start('officeflow/onboarding.js', ['--name', 'Ada King'], { env }),
    );
    const chain = chainOf(program);
    expect(chain.slice(0, 3)).toEqual([
      'employee.onboard.acme workflow-engine: starts the workflow for Ada King',
      'identity.provision.request identity-service: done',
      'identity.provision.result workflow-engine: identity is completed',
    ]);
    expect(chain.filter((line) => line.startsWith('email.send'))).toEqual([
      'email.send.request email-service: done',
      'email.send.result workflow-engine: email is completed',
    ]);
    expect(chain.filter((line) => line.startsWith('slack'))).toEqual([
      `${slack} attempt 1 failed: Slack is away`,
      `${slack} attempt 2 failed: Slack is away`,
      `${slack} attempt 3 failed: Slack is away`,
      `${slack} done`,
      'slack.message.send.result workflow-engine: slack is completed',
    ]);
    expect(program.lines).toContain(
      'dead letter of dlq.slack.message.send.request (attempts) back on slack.message.send.request for slack-service',
    );
    // Each node is a part of the run.
    const trail = program.stdout.slice(program.stdout.indexOf('\nTrail of run-'));
    expect(trail).toMatch(/^ {2}workflow-engine start-workflow completed after \d+ ms$/m);
    for (const node of ['identity', 'slack', 'email']) {
      expect(trail).toMatch(
        new RegExp(`^ {4}workflow-engine ${node} completed after \\d+ ms$`, 'm'),
      );
    }
  });

  test('an organization that no topic can be named after is one line and exit code 2', async () => {
    const env = { DEMO_ORG_ID: 'a.b' };
    const program = stage.start('officeflow/onboarding.js', [], { env });
    expect(await program.ended()).toBe(2);
    expect(program.stderr.trimEnd().split('\n').at(-1)).toMatch(/DEMO_ORG_ID but received "a\.b"/);
  });

  test('Ctrl-C ends it in the midst of a run, and what is left of that disturbs no other run', async () => {
    const first = stage.start('officeflow/onboarding.js');
    await first.until(({ stdout }) => stdout.includes(slack), 'a request to Slack');
    first.kill('SIGINT');
    await succeeded(first);
    const second = await succeeded(stage.start('officeflow/onboarding.js'));
    expect(second.stdout).toMatch(/^ {2}workflow-engine start-workflow completed/m);
  });
});

test('etelios/services.js: a user registers and logs in, and both consuming services hear of it once', async () => {
  const program = await succeeded(stage.start('etelios/services.js'));
  const chain = chainOf(program);
  expect(chain).toEqual(
    expect.arrayContaining([
      'user.created notification-service: sent the welcome to jane.doe@example.com',
      'user.login notification-service: saw USER_LOGIN',
      'email.sent analytics-service: recorded EMAIL_SENT',
    ]),
  );
  expect(chain.filter((line) => line.startsWith('user.login analytics-service:'))).toEqual([
    'user.login analytics-service: recorded USER_LOGIN',
    'user.login analytics-service: passed over USER_LOGIN, which came again',
  ]);
  expect(JSON.parse(program.lines.at(-1))).toMatchObject({
    connected: true,
    producer: true,
    consumers: 2,
  });
});

describe('spm/service.js', () => {
  test('each event of a task is a notification that is delivered to whom it concerns', async () => {
    const program = await succeeded(stage.start('spm/service.js'));
    const delivered = chainOf(program).filter((line) => line.startsWith('notification_delivered'));
    expect(delivered.sort()).toEqual([
      'notification_delivered project_collaborator_added to user-789',
      'notification_delivered task_assigned to user-789',
      'notification_delivered task_created to user-456',
      'notification_delivered task_status_changed to user-456',
    ]);
  });

  test('with the scheduler beside it the deadline is told of; Ctrl-C ends it', async () => {
    const scheduler = stage.start('spm/deadline-scheduler.js', ['--interval', '50']);
    await scheduler.until(({ stderr }) => stderr.includes('Watching the deadlines'));
    const service = stage.start('spm/service.js', ['--stay']);
    await service.until(
      ({ stdout }) => stdout.includes('notification_delivered deadline_approaching to user-789'),
      'the deadline',
    );
    for (const program of [service, scheduler]) {
      program.kill('SIGINT');
      await succeeded(program);
    }
  });
});
