'use strict';

const { Ajv } = require('ajv');
const addFormats = require('ajv-formats').default;
const specification = require('@asyncapi/specs/schemas/3.0.0.json');
const { asyncapi, catalogs, envelope, loadCatalog } = require('../../../../lib/service');

const newAjv = (options) => addFormats(new Ajv({ strict: false, allErrors: true, ...options }));
const ajv = newAjv();
// The published schema has a copy of draft 7's inside.
const isAsyncApi = newAjv({ meta: false, validateSchema: false }).compile(specification);

const errorsOf = (document) => (isAsyncApi(document) ? [] : isAsyncApi.errors);

function at(document, pointer) {
  const segments = pointer
    .slice(2)
    .split('/')
    .map((s) => s.replaceAll('~1', '/').replaceAll('~0', '~'));
  return segments.reduce((value, segment) => value?.[segment], document);
}

function references(value) {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    key === '$ref' ? [inner] : references(inner),
  );
}

describe.each(catalogs)('%s', (name) => {
  const catalog = loadCatalog(name);
  const document = asyncapi(catalog, { servers: ['localhost:9092'] });

  test('is an AsyncAPI 3 document by the published schema', () => {
    expect(errorsOf(document)).toEqual([]);
    expect(JSON.parse(JSON.stringify(document))).toEqual(document);
  });

  test('every reference leads somewhere', () => {
    const found = references(document);
    expect(found.length).toBeGreaterThan(catalog.topics.length);
    expect(found.filter((pointer) => at(document, pointer) === undefined)).toEqual([]);
  });

  test('a payload is what the envelope writes', () => {
    for (const topic of catalog.topics) {
      for (const type of topic.events) {
        for (const data of catalog.event(type).examples) {
          for (const written of topic.envelopes) {
            const { payload } = document.components.messages[`${type}.${written}`];
            const metadata = type.endsWith('.request') ? { requestId: 'r' } : {};
            const { value } = envelope(written).encode({ type, data, metadata });
            const accepts = ajv.compile(payload);
            expect([accepts(JSON.parse(value)), accepts.errors]).toEqual([true, null]);
            expect(accepts({})).toBe(false);
          }
        }
      }
    }
  });
});

test('the published schema refuses what is none: the check is none without it', () => {
  const document = asyncapi(loadCatalog('spm'));
  delete document.info;
  expect(errorsOf(document)).not.toEqual([]);
});

test('channels have parameters and Kafka’s settings, operations their groups', () => {
  const { channels, operations, servers } = asyncapi(loadCatalog('officeflow'), {
    servers: ['a:1', 'b:2'],
  });
  expect(channels['employee.onboard']).toMatchObject({
    address: 'employee.onboard.{org}',
    parameters: { org: { description: 'Id of the organization' } },
    bindings: {
      kafka: {
        partitions: 3,
        topicConfiguration: { 'cleanup.policy': ['delete'], 'retention.ms': 604_800_000 },
      },
    },
  });
  expect(channels['employee.onboard'].bindings.kafka).not.toHaveProperty('topic');
  expect(operations['slack-service.receive.slack.message.send.request']).toMatchObject({
    action: 'receive',
    channel: { $ref: '#/channels/slack.message.send.request' },
    bindings: { kafka: { groupId: { enum: ['slack-service'] } } },
  });
  expect(operations['slack-service.send.slack.message.send.result'].action).toBe('send');
  expect(Object.values(servers).map(({ host }) => host)).toEqual(['a:1', 'b:2']);
});

test('both modes of CloudEvents', () => {
  const document = asyncapi(
    loadCatalog({
      name: 'neutral',
      version: '1.0.0',
      topics: [{ id: 'a', envelope: ['cloudevents', 'cloudevents-binary'], events: 'made' }],
      events: { made: { schema: { type: 'object', required: ['x'] } } },
    }),
  );
  expect(errorsOf(document)).toEqual([]);
  expect(document.components.messages).toMatchObject({
    'made.cloudevents': {
      contentType: 'application/cloudevents+json',
      payload: { properties: { data: { required: ['x'] } } },
    },
    'made.cloudevents-binary': {
      payload: { required: ['x'] },
      headers: { required: expect.arrayContaining(['ce_id']) },
    },
  });
});
