'use strict';

const { loadCatalog } = require('../../../../lib/service');

const office = loadCatalog('officeflow');
const tasks = loadCatalog('task-manager');

describe('names', () => {
  test('a template is filled for an organization, and found again', () => {
    expect(office.nameOf('employee.onboard', { org: 'org-123' })).toBe('employee.onboard.org-123');
    expect(office.topicOf('employee.onboard.org-123').id).toBe('employee.onboard');
    expect(office.parametersOf('employee.onboard.org-123')).toEqual({ org: 'org-123' });
    expect(office.topic('employee.onboard.org-123')).toBe(office.topic('employee.onboard'));
    expect(office.patternOf('employee.onboard').test('employee.onboard.new')).toBe(true);
  });

  test('a longer name is another topic: retry topics do not match', () => {
    expect(office.topicOf('employee.onboard.acme.retry')).toBeNull();
    expect(office.topicOf('employee.onboard.')).toBeNull();
    expect(office.topicOf('xemployee.onboard.acme')).toBeNull();
    expect(office.patternOf('node.execute.request').test('nodeXexecute.request')).toBe(false);
  });

  test('a missing or illegal value says which variable may have it', () => {
    expect(() => office.nameOf('employee.exit')).toThrow(
      'Expected a string of A-Z a-z 0-9 _ - (environment variable DEMO_ORG_ID) for ' +
        'parameters.org of employee.exit.{org} but received undefined of type undefined',
    );
    expect(() => office.nameOf('employee.exit', { org: 'a.b' })).toThrow(/received "a\.b"/);
    expect(office.missingParameters('employee.exit')).toEqual(['org']);
    expect(office.missingParameters('employee.exit', { org: 'x' })).toEqual([]);
  });

  test('an unknown topic or group names the known ones', () => {
    expect(() => tasks.topic('task-states')).toThrow(
      /\(task-status, requests-web-crawl\) for topic/,
    );
    expect(() => tasks.group('x')).toThrow(/\(task-manager-group\) for group/);
  });

  test('constants are the upper-case ids', () => {
    expect(loadCatalog('etelios').constants()).toMatchObject({
      USER_CREATED: 'user.created',
      INVENTORY_STOCK_UPDATED: 'inventory.stock.updated',
    });
    expect(loadCatalog('spm').constants().TASK_EVENTS).toBe('task-events');
  });
});

describe('environment', () => {
  const renamed = tasks.withEnvironment({
    TASK_STATUS_TOPIC: 'prod.task-status',
    WEB_CRAWL_REQUEST_TOPIC: '',
  });

  test('a rename holds everywhere, dead letters included', () => {
    expect(renamed.nameOf('task-status')).toBe('prod.task-status');
    expect(renamed.topicOf('prod.task-status').id).toBe('task-status');
    expect(renamed.topicOf('task-status')).toBeNull();
    expect(renamed.dlqOf(renamed.nameOf('task-status'))).toBe('dlq.prod.task-status');
    expect(renamed.originalOf('dlq.prod.task-status')).toBe('prod.task-status');
    expect(renamed.envelopesOf('prod.task-status')).toEqual(['task-manager']);
    expect(renamed.constants().TASK_STATUS).toBe('prod.task-status');
    expect(renamed.nameOf('requests-web-crawl')).toBe('requests-web-crawl');
    expect(tasks.nameOf('task-status')).toBe('task-status');
  });

  test('renames add up', () => {
    const both = renamed.withTopicNames({ 'requests-web-crawl': 'crawl' });
    expect([both.nameOf('task-status'), both.nameOf('requests-web-crawl')]).toEqual([
      'prod.task-status',
      'crawl',
    ]);
  });

  test('the organization of DEMO_ORG_ID is the one without a word', () => {
    const demo = office.withEnvironment({ DEMO_ORG_ID: 'demo-org-123' });
    expect(demo.nameOf('employee.onboard')).toBe('employee.onboard.demo-org-123');
    expect(demo.nameOf('employee.onboard', { org: 'acme' })).toBe('employee.onboard.acme');
    expect(office.withParameters({ org: 'acme' }).nameOf('employee.exit')).toBe(
      'employee.exit.acme',
    );
  });

  test('all mistakes of the environment at once', () => {
    expect(() =>
      tasks.withEnvironment({ TASK_STATUS_TOPIC: 'a b', WEB_CRAWL_REQUEST_TOPIC: 'x.{org}' }),
    ).toThrow(
      /has 2 mistakes:\n.*for TASK_STATUS_TOPIC but received "a b".*\n.*for WEB_CRAWL_REQUEST_TOPIC/,
    );
    expect(() => tasks.withEnvironment({ TASK_STATUS_TOPIC: 'requests-web-crawl' })).toThrow(
      /Expected a name that no other topic has for TASK_STATUS_TOPIC/,
    );
    expect(() => office.withEnvironment({ DEMO_ORG_ID: 'a b' })).toThrow(/for DEMO_ORG_ID but/);
    expect(() => office.withTopicNames({ 'employee.exit': 'exits' })).toThrow(
      /a name with \{org\}/,
    );
    expect(() => office.withTopicNames({ nothing: 'x' })).toThrow(
      /for topics but received "nothing"/,
    );
  });
});

describe('dead letters', () => {
  test('of a topic, of none, of a dead-letter topic', () => {
    expect(office.dlqOf('employee.onboard.acme')).toBe('dlq.employee.onboard.acme');
    expect(office.dlqOf('audit.events')).toBeNull();
    expect(office.dlqOf('dlq.email.send.request')).toBeNull();
    expect(office.originalOf('dlq.employee.onboard.acme')).toBe('employee.onboard.acme');
    expect(office.originalOf('email.send.request')).toBeNull();
  });

  test('the rule holds for a topic outside the catalog', () => {
    expect(office.dlqOf('foreign')).toBe('dlq.foreign');
  });

  test('a catalog without a rule has none', () => {
    const data = { ...tasks.toJSON() };
    delete data.dlq;
    expect(loadCatalog(data).dlqOf('task-status')).toBeNull();
    expect(loadCatalog(data).originalOf('dlq.task-status')).toBeNull();
  });
});

describe('messages', () => {
  test('a key comes from the first field that is there', () => {
    const key = (event) => office.keyOf('employee.onboard.acme', event);
    expect(key({ metadata: { employeeId: 'e1' }, payload: { employeeId: 'e2' } })).toBe('e1');
    expect(key({ metadata: {}, payload: { employeeId: 'e2' } })).toBe('e2');
    expect(key({ payload: { employeeId: { no: 'text' } } })).toBeNull();
    expect(key(null)).toBeNull();
    expect(office.keyOf('foreign', {})).toBeNull();
    const update = { entityType: 'task', entityId: 7 };
    expect(loadCatalog('easyflow').keyOf('status-updates', update)).toBe('task/7');
  });

  test('a key rule never reaches an inherited property', () => {
    const data = {
      ...tasks.toJSON(),
      topics: [{ ...tasks.toJSON().topics[0], key: '{constructor.name}' }],
    };
    data.events = Object.fromEntries(
      Object.entries(data.events).filter(([t]) => t !== 'web-crawl.request'),
    );
    const catalog = loadCatalog({ ...data, groups: [] });
    expect(catalog.keyOf('task-status', {})).toBeNull();
  });

  test('the type of a message is one of its topic', () => {
    expect(tasks.typeOf('task-status', 'task.error')).toBe('task.error');
    expect(tasks.typeOf('task-status', 'task.processing')).toBe('task.status');
    expect(tasks.typeOf('requests-web-crawl', null)).toBe('web-crawl.request');
    expect(office.typeOf('email.send.request', 'email.send.result')).toBeNull();
    expect(office.typeOf('foreign', 'email.send.result')).toBeNull();
  });

  test('a payload is judged with all its mistakes', () => {
    const { examples } = tasks.event('task.new');
    expect(tasks.validate('task.new', examples[0])).toEqual([]);
    const wrong = { ...examples[0], userEmail: 'nobody', receivedAt: 'yesterday', status: 'old' };
    delete wrong.taskId;
    expect(tasks.validate('task.new', wrong).map(({ message }) => message)).toEqual([
      'Expected a string for $.taskId but received nothing',
      'Expected an e-mail address for $.userEmail but received "nobody" of type string',
      'Expected a date and time (RFC 3339) for $.receivedAt but received "yesterday" of type string',
      'Expected "new" for $.status but received "old" of type string',
    ]);
    expect(tasks.validate('task.new', undefined)).toMatchObject([
      { path: '$', received: 'nothing' },
    ]);
  });

  test('an unknown type is a problem, not a pass', () => {
    expect(tasks.validate('task.neww', {})).toMatchObject([
      { path: '$.type', expected: expect.stringContaining('did you mean "task.new"') },
    ]);
    expect(tasks.validate(null, {})).toHaveLength(1);
    expect(tasks.validate('toString', {})).toHaveLength(1);
  });

  test('the branches of anyOf are one mistake', () => {
    const data = tasks.toJSON();
    const schema = {
      properties: {
        to: { anyOf: [{ type: 'string' }, { type: 'array', items: { type: 'string' } }] },
      },
    };
    const catalog = loadCatalog({ ...data, events: { ...data.events, 'task.new': { schema } } });
    expect(catalog.validate('task.new', { to: 5 }).map(({ message }) => message)).toEqual([
      'Expected a string or an array for $.to but received 5 of type number',
    ]);
  });
});
