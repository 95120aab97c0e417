'use strict';

const { diff, loadCatalog } = require('../../../../lib/service');

const base = {
  name: 'shop',
  version: '1.0.0',
  parameters: { org: {} },
  topics: [
    {
      id: 'orders',
      partitions: 6,
      retentionMs: 1_000,
      cleanupPolicy: 'delete',
      envelope: ['etelios', 'bare'],
      key: '{data.id}',
      events: ['order.placed', 'order.paid'],
      otherwise: 'order.paid',
    },
    { id: 'audit', envelope: 'bare', events: ['order.paid'] },
  ],
  events: {
    'order.placed': {
      schema: {
        type: 'object',
        required: ['id'],
        properties: {
          id: { type: ['string', 'integer'] },
          state: { enum: ['new', 'open'] },
          total: { type: 'number', minimum: 0 },
          lines: {
            type: 'array',
            items: { type: 'object', properties: { sku: { type: 'string' } } },
          },
          note: { type: 'string', maxLength: 100 },
        },
      },
    },
    'order.paid': { schema: { type: 'object' } },
  },
  groups: [{ id: 'billing', topics: ['orders', 'audit'], publishes: ['audit'] }],
  dlq: { name: 'dlq.{topic}' },
};

/** Codes, with what they break, of a change to a copy. */
function changes(change) {
  const data = structuredClone(base);
  change(data, data.events['order.placed'].schema.properties);
  return diff(loadCatalog(base), loadCatalog(data));
}

const summary = (change) =>
  changes(change).map(({ code, breaks }) => `${code}: ${breaks.join(', ')}`);

test('the same catalog, and one that only adds, has no incompatible change', () => {
  expect(changes(() => {})).toEqual([]);
  expect(
    changes((data, properties) => {
      data.version = '1.1.0';
      data.topics.push({ id: 'new', envelope: 'bare', events: ['new'] });
      data.topics[0].events.push('new');
      data.topics[0].envelope.push('spm');
      data.topics[0].retentionMs = -1;
      data.events.new = { schema: {} };
      data.groups.push({ id: 'more', topics: ['new'] });
      properties.coupon = { type: 'string' };
      data.events['order.placed'].description = 'Described';
    }),
  ).toEqual([]);
});

test.each([
  [
    'topic removed',
    (d) => {
      d.topics.pop();
      d.groups[0].topics.pop();
      d.groups[0].publishes = 'orders';
    },
    ['topic-removed: readers, writers', 'group-narrowed: readers', 'group-narrowed: writers'],
  ],
  [
    'topic renamed',
    (d) => {
      d.topics[0].name = 'orders.v2';
    },
    ['topic-renamed: readers, writers'],
  ],
  [
    'fewer partitions',
    (d) => {
      d.topics[0].partitions = 3;
    },
    ['partitions-fewer: data, ordering'],
  ],
  [
    'more partitions',
    (d) => {
      d.topics[0].partitions = 7;
    },
    ['partitions-more: ordering'],
  ],
  [
    'partitions left to the broker',
    (d) => {
      d.topics[0].partitions = null;
    },
    [],
  ],
  [
    'shorter retention',
    (d) => {
      d.topics[0].retentionMs = 999;
    },
    ['retention-shortened: data'],
  ],
  [
    'other cleanup',
    (d) => {
      d.topics[0].cleanupPolicy = 'compact';
    },
    ['cleanup-changed: data'],
  ],
  [
    'other key',
    (d) => {
      delete d.topics[0].key;
    },
    ['key-changed: ordering'],
  ],
  [
    'envelope removed',
    (d) => {
      d.topics[0].envelope = 'etelios';
    },
    ['envelope-removed: writers, messages'],
  ],
  [
    'other envelope first',
    (d) => {
      d.topics[0].envelope = ['bare', 'etelios'];
    },
    ['envelope-changed: readers'],
  ],
  [
    'strict about types',
    (d) => {
      delete d.topics[0].otherwise;
    },
    ['otherwise-removed: writers, messages'],
  ],
  [
    'event moved',
    (d) => {
      d.topics[0].events = ['order.paid'];
      d.topics[1].events = ['order.placed', 'order.paid'];
    },
    ['event-moved: readers, messages'],
  ],
  [
    'event removed',
    (d) => {
      d.topics[0].events = ['order.paid'];
      delete d.events['order.placed'];
    },
    ['event-moved: readers, messages', 'event-removed: readers, writers, messages'],
  ],
  [
    'group removed',
    (d) => {
      d.groups = [];
    },
    ['group-removed: readers'],
  ],
  [
    'dead letters elsewhere',
    (d) => {
      d.dlq.name = 'dead.{topic}';
    },
    ['dlq-changed: readers'],
  ],
  [
    'parameter removed',
    (d) => {
      delete d.parameters;
    },
    ['parameter-removed: readers, writers'],
  ],
])('%s', (_, change, expected) => {
  expect(summary(change)).toEqual(expected);
});

const narrowed = (path, message) => ({
  code: 'schema-narrowed',
  path: `$.events["order.placed"].schema${path}`,
  message: `order.placed: $${path} ${message}`,
  breaks: ['writers', 'messages'],
});

test.each([
  [
    'new required field',
    (d) => d.events['order.placed'].schema.required.push('total'),
    narrowed('.total', 'is required'),
  ],
  [
    'type removed',
    (_, p) => {
      p.id.type = 'string';
    },
    narrowed('.id', 'the type integer is not accepted any more'),
  ],
  [
    'number to integer',
    (_, p) => {
      p.total.type = 'integer';
    },
    narrowed('.total', 'the type number is not accepted any more'),
  ],
  [
    'enum value removed',
    (_, p) => {
      p.state.enum.pop();
    },
    narrowed('.state', '"open" is not accepted any more'),
  ],
  [
    'enum to const',
    (_, p) => {
      p.state = { const: 'new' };
    },
    narrowed('.state', '"open" is not accepted any more'),
  ],
  [
    'enum added',
    (_, p) => {
      p.note.enum = ['a'];
    },
    narrowed('.note', 'only "a" is accepted'),
  ],
  [
    'lower bound raised',
    (_, p) => {
      p.total.minimum = 1;
    },
    narrowed('.total', 'minimum is 1'),
  ],
  [
    'upper bound lowered',
    (_, p) => {
      p.note.maxLength = 99;
    },
    narrowed('.note', 'maxLength is 99'),
  ],
  [
    'format added',
    (_, p) => {
      p.note.format = 'email';
    },
    narrowed('.note', 'format is "email"'),
  ],
  [
    'pattern added',
    (_, p) => {
      p.note.pattern = 'x';
    },
    narrowed('.note', 'pattern is "x"'),
  ],
  [
    'deep in an array',
    (_, p) => {
      p.lines.items.required = ['sku'];
    },
    narrowed('.lines[].sku', 'is required'),
  ],
  [
    'type of a member',
    (_, p) => {
      p.lines.items.properties.sku.type = 'integer';
    },
    narrowed('.lines[].sku', 'the type string is not accepted any more'),
  ],
  [
    'closed',
    (d) => {
      d.events['order.placed'].schema.additionalProperties = false;
    },
    narrowed('', 'other properties than the named ones are not accepted any more'),
  ],
  [
    'anyOf',
    (_, p) => {
      p.note.anyOf = [{ minLength: 1 }];
    },
    narrowed('.note', 'anyOf has changed; whether it accepts less cannot be told'),
  ],
])('schema: %s', (_, change, expected) => {
  expect(changes(change)).toContainEqual(expected);
});

test('the opposite changes break readers of the old version', () => {
  const widened = (change) =>
    changes(change).map(({ path, breaks }) => [path.split('schema')[1], breaks]);
  expect(
    widened((d) => {
      d.events['order.placed'].schema.required = [];
    }),
  ).toEqual([['.id', ['readers']]]);
  expect(widened((_, p) => p.state.enum.push('closed'))).toEqual([['.state', ['readers']]]);
  expect(
    widened((_, p) => {
      p.total.minimum = -1;
    }),
  ).toEqual([['.total', ['readers']]]);
  expect(
    widened((_, p) => {
      delete p.note.maxLength;
    }),
  ).toEqual([['.note', ['readers']]]);
});

test('an integer where a number was accepted before is no new type for readers', () => {
  expect(
    summary((_, p) => {
      p.total.type = 'integer';
    }),
  ).toEqual(['schema-narrowed: writers, messages']);
});
