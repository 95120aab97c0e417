'use strict';

const {
  AclOperationTypes,
  AclPermissionTypes,
  AclResourceTypes,
  ResourcePatternTypes,
} = require('../../../../lib');
const { acls, loadCatalog } = require('../../../../lib/service');

const nameIn = (numbers, value) => Object.keys(numbers).find((name) => numbers[name] === value);
/** `READ TOPIC LITERAL name` */
const show = ({ operation, resourceType, resourcePatternType, resourceName }) =>
  [
    nameIn(AclOperationTypes, operation),
    nameIn(AclResourceTypes, resourceType),
    nameIn(ResourcePatternTypes, resourcePatternType),
    resourceName,
  ].join(' ');

const office = loadCatalog('officeflow');
const of = (entries, principal) =>
  entries.filter((entry) => entry.principal === principal).map(show);

test('a service reads as its group and writes its results, dead letters and reports', () => {
  expect(of(acls(office), 'User:slack-service')).toEqual([
    'READ GROUP LITERAL slack-service',
    'READ TOPIC LITERAL slack.message.send.request',
    'WRITE TOPIC LITERAL dlq.slack.message.send.request',
    'WRITE TOPIC LITERAL slack.message.send.result',
    'WRITE TOPIC LITERAL audit.events',
    'WRITE TOPIC LITERAL metrics.events',
  ]);
});

test('every principal may report on the service itself', () => {
  expect(of(acls(office), 'User:audit-service')).toEqual([
    'READ GROUP LITERAL audit-service',
    'READ TOPIC LITERAL audit.events',
    'WRITE TOPIC LITERAL metrics.events',
    'WRITE TOPIC LITERAL audit.events',
  ]);
});

test('templated topics: a prefix for all organizations, a name for one', () => {
  const all = of(acls(office), 'User:workflow-engine');
  expect(all).toEqual(
    expect.arrayContaining([
      'READ TOPIC PREFIXED employee.onboard.',
      'WRITE TOPIC PREFIXED dlq.employee.onboard.',
    ]),
  );
  const one = of(acls(office, { parameters: { org: 'acme' } }), 'User:workflow-engine');
  expect(one).toEqual(
    expect.arrayContaining([
      'READ TOPIC LITERAL employee.onboard.acme',
      'WRITE TOPIC LITERAL dlq.employee.onboard.acme',
    ]),
  );
});

test('principals and host as given; a group that only writes has no group entry', () => {
  const entries = acls(loadCatalog('etelios'), {
    principals: { 'auth-service': 'User:CN=auth' },
    host: '10.0.0.1',
  });
  const own = entries.filter(({ principal }) => principal === 'User:CN=auth');
  expect(own.map(show)).toEqual(expect.arrayContaining(['WRITE TOPIC LITERAL user.created']));
  expect(own.some(({ resourceType }) => resourceType === AclResourceTypes.GROUP)).toBe(false);
  for (const entry of entries) {
    expect(entry).toMatchObject({ host: '10.0.0.1', permissionType: AclPermissionTypes.ALLOW });
  }
  expect(new Set(entries.map((entry) => JSON.stringify(entry))).size).toBe(entries.length);
});

test('renames hold, and mistakes are named', () => {
  const catalog = loadCatalog('task-manager').withEnvironment({ TASK_STATUS_TOPIC: 'prod.status' });
  expect(acls(catalog).map(show)).toEqual(
    expect.arrayContaining([
      'READ TOPIC LITERAL prod.status',
      'WRITE TOPIC LITERAL dlq.prod.status',
    ]),
  );
  expect(() => acls(office, { principals: { nobody: 'User:x' } })).toThrow(
    /for group but received "nobody"/,
  );
  expect(() => acls(office, { principal: {} })).toThrow(/did you mean "principals"/);
});

test('a template that begins with a placeholder has no prefix to allow', () => {
  const catalog = loadCatalog({
    name: 'x',
    version: '1.0.0',
    parameters: { org: {} },
    topics: [{ id: 'a', name: '{org}.a', envelope: 'bare', events: 'e' }],
    events: { e: { schema: {} } },
    groups: [{ id: 'g', topics: 'a' }],
  });
  expect(() => acls(catalog)).toThrow(/Expected values for org, because \{org\}\.a has no prefix/);
  expect(acls(catalog, { parameters: { org: 'o' } }).map(show)).toContain('READ TOPIC LITERAL o.a');
});
