'use strict';

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { pathToFileURL } = require('node:url');
const { Catalog, CatalogError, catalogs, loadCatalog } = require('../../../../lib/service');

/** The smallest catalog there is, with changes. */
const small = (changes = {}) => ({
  name: 'small',
  version: '1.0.0',
  topics: [{ id: 'a', envelope: 'bare', events: ['made'] }],
  events: { made: { schema: { type: 'object' } } },
  ...changes,
});

const topic = (changes) => small({ topics: [{ ...small().topics[0], ...changes }] });
const event = (changes) => small({ events: { made: { ...small().events.made, ...changes } } });

function problemsOf(data) {
  try {
    loadCatalog(data);
  } catch (error) {
    expect(error).toBeInstanceOf(CatalogError);
    return error.problems;
  }
  return [];
}

test('the smallest catalog has no mistake', () => {
  expect(problemsOf(small())).toEqual([]);
});

test('every mistake is listed at once, with path, expected and received', () => {
  const data = small({
    name: 'Not a name',
    topics: [{ id: 'a', envelope: 'bare', events: ['made'], partition: 3, retentionMs: '7d' }],
  });
  delete data.version;
  expect(() => loadCatalog(data)).toThrow(
    new CatalogError(`The catalog catalog has 4 mistakes:
  Expected a string for catalog $.version but received nothing
  Expected a string that matches ^[a-z][a-z0-9-]*$ for catalog $.name but received "Not a name" of type string
  Expected no such property (did you mean "partitions"?) for catalog $.topics[0].partition but received 3 of type number
  Expected an integer or null for catalog $.topics[0].retentionMs but received "7d" of type string`),
  );
  expect(problemsOf(data)[2]).toEqual({
    file: 'catalog',
    path: '$.topics[0].partition',
    expected: 'no such property (did you mean "partitions"?)',
    received: '3 of type number',
    message: expect.stringMatching(/^Expected no such property/),
  });
});

test.each([
  [
    'an event that is not there',
    topic({ events: ['made', 'mad'] }),
    '$.topics[0].events[1]',
    /an event of .*did you mean "made"/,
  ],
  [
    'an unknown envelope',
    topic({ envelope: ['bare', 'spn'] }),
    '$.topics[0].envelope[1]',
    /did you mean "spm"/,
  ],
  ['no envelope at all', topic({ envelope: undefined }), '$.topics[0].envelope', /one of easyflow/],
  ['a name that Kafka refuses', topic({ name: 'a b' }), '$.topics[0].name', /a topic's name/],
  [
    'a placeholder that is not declared',
    topic({ name: 'a.{org}' }),
    '$.topics[0].name',
    /\$\.parameters declares/,
  ],
  [
    'a key rule without a field',
    topic({ key: 'metadata.id' }),
    '$.topics[0].key',
    /fields of the event in braces/,
  ],
  [
    'a key rule with a bad field',
    topic({ key: '{a b}' }),
    '$.topics[0].key',
    /fields of the event in braces/,
  ],
  [
    'an `otherwise` of another topic',
    topic({ otherwise: 'gone' }),
    '$.topics[0].otherwise',
    /one of the topic's events/,
  ],
  [
    'dead letters without a rule',
    topic({ dlq: true }),
    '$.topics[0].dlq',
    /a \$\.dlq that names it/,
  ],
  ['a DLQ rule that names one topic', small({ dlq: { name: 'dead' } }), '$.dlq.name', /\{topic\}/],
  [
    'two topics with one id',
    small({ topics: [small().topics[0], { ...small().topics[0], name: 'b' }] }),
    '$.topics[1].id',
    /no other topic has/,
  ],
  [
    'two topics with one name',
    small({ topics: [small().topics[0], { ...small().topics[0], id: 'b', name: 'a' }] }),
    '$.topics[1].name',
    /no other topic has/,
  ],
  [
    'an event that nothing carries',
    small({ events: { ...small().events, other: { schema: {} } } }),
    '$.events.other',
    /that some topic carries/,
  ],
  [
    'a misspelt keyword',
    event({ schema: { type: 'object', requird: ['x'] } }),
    '$.events.made.schema',
    /a JSON Schema/,
  ],
  [
    'a schema that is none',
    event({ schema: { type: 'objekt' } }),
    '$.events.made.schema',
    /a JSON Schema/,
  ],
  [
    'an unknown definition',
    event({ schema: { $ref: '#/definitions/x' } }),
    '$.events.made.schema.$ref',
    /#\/definitions\/<name>/,
  ],
  [
    'a definition of itself',
    {
      ...event({ schema: { $ref: '#/definitions/x' } }),
      definitions: { x: { items: { $ref: '#/definitions/x' } } },
    },
    '$.definitions.x.items.$ref',
    /does not contain itself/,
  ],
  [
    'an example that the schema refuses',
    event({ schema: { required: ['x'], type: 'object' }, examples: [{}] }),
    '$.events.made.examples[0]',
    /that the event's schema accepts/,
  ],
  [
    'a group of an unknown topic',
    small({ groups: [{ id: 'g', topics: ['aa'] }] }),
    '$.groups[0].topics[0]',
    /did you mean "a"/,
  ],
  ['an own topic that is none', small({ own: { audit: 'b' } }), '$.own.audit', /a topic's id/],
  [
    'a channel that would be a pattern',
    small({ topics: [{ ...small().topics[0], channel: 'task/*/{id}' }] }),
    '$.topics[0].channel',
    /a template with fields in braces/,
  ],
  [
    'a channel that is the same for all',
    small({ topics: [{ ...small().topics[0], channel: 'tasks' }] }),
    '$.topics[0].channel',
    /a template with fields in braces/,
  ],
])('mistake: %s', (_, data, at, expected) => {
  const problems = problemsOf(JSON.parse(JSON.stringify(data)));
  expect(problems.map((problem) => problem.path)).toEqual([at]);
  expect(problems[0].expected).toMatch(expected);
});

test('a.{x} and a.{y} are one name', () => {
  const parameters = { x: {}, y: {} };
  const topics = ['x', 'y'].map((p) => ({ ...small().topics[0], id: p, name: `a.{${p}}` }));
  expect(problemsOf(small({ parameters, topics }))).toMatchObject([{ path: '$.topics[1].name' }]);
});

describe('from a file', () => {
  let folder;
  beforeEach(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'catalog-'));
  });
  afterEach(() => fs.rmSync(folder, { recursive: true }));

  const write = (text) => {
    const file = path.join(folder, 'mine.json');
    fs.writeFileSync(file, text);
    return file;
  };

  test('by path and by URL', () => {
    const file = write(`\uFEFF${JSON.stringify(small())}`);
    expect(loadCatalog(file).name).toBe('small');
    expect(loadCatalog(pathToFileURL(file)).name).toBe('small');
  });

  test('mistakes name the file', () => {
    const file = write(JSON.stringify({ ...small(), name: 5 }));
    expect(() => loadCatalog(file)).toThrow(
      /for mine\.json \$\.name but received 5 of type number/,
    );
  });

  test('what is no JSON, and no file', () => {
    expect(() => loadCatalog(write('{ "name": }'))).toThrow(
      /The catalog mine\.json has 1 mistake:\n {2}Expected JSON/,
    );
    expect(() => loadCatalog(path.join(folder, 'gone.json'))).toThrow(/cannot be read: ENOENT/);
  });
});

test('a shipped catalog is loaded once; an unknown name suggests one', () => {
  expect(catalogs).toEqual(['easyflow', 'etelios', 'officeflow', 'spm', 'task-manager']);
  expect(loadCatalog('spm')).toBe(loadCatalog('spm'));
  expect(loadCatalog('spm')).toBeInstanceOf(Catalog);
  expect(() => loadCatalog('offiecflow')).toThrow(
    /did you mean officeflow\?.* for catalog but received "offiecflow"/,
  );
  expect(() => loadCatalog(5)).toThrow(/Expected a name, a path or an object for catalog/);
});

test('a catalog stays as it was loaded', () => {
  const data = small();
  const catalog = loadCatalog(data);
  data.topics[0].id = 'changed';
  expect(catalog.topic('a').id).toBe('a');
  expect(() => {
    catalog.toJSON().topics[0].id = 'changed';
  }).toThrow(TypeError);
  expect(() => {
    catalog.topic('a').name = 'changed';
  }).toThrow(TypeError);
});
