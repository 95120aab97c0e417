'use strict';

// Messages as the five documents and CloudEvents show them, byte for byte from other programs.

const {
  CorrelationTracker,
  decodeMessage,
  envelope,
  EnvelopeError,
} = require('../../../../lib/service');

const at = '2024-01-01T00:00:00.000Z';
const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
const spanId = '00f067aa0ba902b7';
const traceparent = `00-${traceId}-${spanId}-01`;

const decode = (name, value, headers) =>
  envelope(name).decode(typeof value === 'string' ? value : JSON.stringify(value), headers);
const encoded = (name, input) => {
  const { value, headers } = envelope(name).encode(input);
  return { body: value === null ? null : JSON.parse(value), headers };
};

describe('easyflow', () => {
  const task = {
    taskId: 't1',
    type: 'automation_run',
    status: 'pending',
    payload: {},
    createdAt: at,
  };
  const update = { entityId: 't1', entityType: 'task', status: 'done', message: '', timestamp: at };

  test('a Python worker’s messages say their type, id and time', () => {
    expect(decode('easyflow', task)).toMatchObject({
      event: task,
      payload: task,
      type: 'automation_run',
      id: `t1:pending:${at}`,
      time: at,
    });
    expect(decode('easyflow', update)).toMatchObject({
      type: 'status_update',
      id: `task/t1:done:${at}`,
    });
    expect(decode('easyflow', { taskId: 't1', status: 'done' })).toMatchObject({
      type: null,
      id: null,
      time: null,
    });
  });

  test('what the message shows is not repeated in headers, the message is not changed', () => {
    expect(encoded('easyflow', { type: 'automation_run', data: task })).toEqual({
      body: task,
      headers: {},
    });
    expect(encoded('easyflow', { type: 'status_update', data: update })).toEqual({
      body: update,
      headers: {},
    });
    expect(encoded('easyflow', { type: 'task_result', data: task }).headers).toEqual({
      'event-type': 'task_result',
    });
  });
});

describe('task-manager', () => {
  const ids = { timestamp: at, traceId: 'trace-id-string', spanId: 'span-id-string' };
  const message = { taskId: 't1', status: 'completed', result: 'r', finishedAt: at };

  test('the document’s trace ids reach the correlation, and are no W3C trace', () => {
    const decoded = decode('task-manager', {
      headers: { taskId: 't1', taskType: 'web-crawl', ...ids },
      message,
    });
    expect(decoded).toMatchObject({
      type: 'task.completed',
      id: `t1:completed:${at}`,
      time: at,
      payload: message,
    });
    expect(decoded.correlation).toEqual({ traceId: 'trace-id-string', spanId: 'span-id-string' });
  });

  test('W3C ids become a traceparent, and a traceparent the ids', () => {
    const body = { headers: { taskId: 't1', timestamp: at, traceId, spanId }, message };
    expect(decode('task-manager', body).correlation).toEqual({ traceId, spanId, traceparent });
    const input = { type: 'task.completed', data: message, context: { traceparent, time: at } };
    expect(encoded('task-manager', input)).toEqual({
      body: {
        headers: { taskId: 't1', taskType: 'web-crawl', timestamp: at, traceId, spanId },
        message,
      },
      headers: { traceparent },
    });
  });

  test('a trace in the Kafka headers is not mixed with ids of the message', () => {
    const body = { headers: { taskId: 't1', timestamp: at, ...ids }, message };
    expect(
      decode('task-manager', body, { traceparent: Buffer.from(traceparent) }).correlation,
    ).toEqual({
      traceId,
      spanId,
      traceparent,
    });
  });

  test('a request gets a request’s headers', () => {
    const { body } = encoded('task-manager', {
      type: 'web-crawl.request',
      data: { userQuery: 'q' },
    });
    expect(body.headers).toEqual({
      requestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      requestType: 'web-crawl',
      timestamp: expect.any(String),
    });
  });

  test('one task has the same status twice: two messages', () => {
    const once = (timestamp) =>
      decode('task-manager', {
        headers: { taskId: 't1', timestamp },
        message: { status: 'processing' },
      }).id;
    expect(once(at)).not.toBe(once('2024-01-01T00:00:01.000Z'));
  });

  test.each([
    [
      { headers: { taskType: 'x' }, message },
      'expected a string for headers.taskId or headers.requestId but received nothing',
    ],
    [
      { headers: { taskId: 't', timestamp: 'today' }, message },
      'expected a date and time for headers.timestamp but received "today"',
    ],
    [{ headers: { taskId: 't' }, message: 'm' }, 'expected an object for message but received "m"'],
    [
      { headers: { taskId: 't', taskType: 5 }, message },
      'expected a string for headers.taskType but received 5',
    ],
    [
      { headers: { requestId: 5 }, message },
      'expected a string for headers.requestId but received 5',
    ],
  ])('refused: %j', (body, reason) => {
    expect(() => decode('task-manager', body)).toThrow(EnvelopeError);
    expect(() => decode('task-manager', body)).toThrow(
      expect.objectContaining({ reason, envelope: 'task-manager', retriable: false }),
    );
  });
});

describe('officeflow, etelios, spm', () => {
  test('the tracker’s context is in OfficeFlow’s metadata', () => {
    const causes = {
      correlationId: 'c',
      organizationId: 'org-123',
      employeeId: 'emp-456',
      workflowRunId: 'run-789',
      nodeRunId: 'node-run-123',
    };
    const context = { ...causes, eventId: 'm', time: at };
    const input = {
      type: 'employee.onboard',
      data: { employeeId: 'emp-456' },
      metadata: { source: 's' },
      context,
    };
    const { body, headers } = encoded('officeflow', input);
    expect(body).toEqual({
      type: 'employee.onboard',
      payload: { employeeId: 'emp-456' },
      metadata: { source: 's', messageId: 'm', timestamp: at, ...causes },
    });
    expect(decode('officeflow', body, headers).correlation).toEqual(causes);
  });

  test('metadata that names somebody else than the context means it, within the same operation', () => {
    const context = { correlationId: 'c', employeeId: 'emp-456', workflowRunId: 'run-789' };
    const metadata = { employeeId: 'emp-manager', correlationId: 'another' };
    const input = { type: 'email.send.request', data: {}, metadata, context };
    expect(encoded('officeflow', input).body.metadata).toMatchObject({
      correlationId: 'c',
      employeeId: 'emp-manager',
      workflowRunId: 'run-789',
    });
  });

  test('an event of createEvent keeps its id and time', () => {
    const metadata = { eventId: 'e1', timestamp: at, tenantId: 't', source: 'auth-service' };
    const event = { type: 'USER_CREATED', data: { userId: 'u' }, metadata };
    const { type, payload: data, metadata: given } = decode('etelios', event);
    expect(encoded('etelios', { type, data, metadata: given }).body).toEqual(event);
  });

  test('SPM’s fields are in snake case', () => {
    const context = { correlationId: 'c', traceId: 'x', eventId: 'e', time: at };
    expect(encoded('spm', { type: 'task_created', data: { id: 1 }, context }).body).toEqual({
      event_type: 'task_created',
      event_id: 'e',
      timestamp: at,
      data: { id: 1 },
      metadata: { correlation_id: 'c', trace_id: 'x' },
    });
    expect(decode('spm', { event_type: 'task_created', data: {} })).toMatchObject({
      id: null,
      time: null,
    });
  });

  test.each([
    ['officeflow', { payload: {} }, /expected a string for type but received nothing/],
    [
      'officeflow',
      { type: 't', payload: [] },
      /expected an object for payload but received an array/,
    ],
    ['etelios', { type: 't', data: {}, metadata: 'm' }, /expected an object for metadata/],
    [
      'etelios',
      { type: 't', data: {}, metadata: { timestamp: 5 } },
      /expected a date and time for timestamp/,
    ],
    ['spm', { event_type: '', data: {} }, /expected a string for event_type/],
    ['spm', { event_type: 't', data: {}, event_id: 5 }, /expected a string for event_id/],
  ])('%s refuses %j', (name, body, message) => {
    expect(() => decode(name, body)).toThrow(message);
  });
});

describe('cloudevents', () => {
  const attributes = {
    specversion: '1.0',
    id: 'A234',
    source: '/mycontext',
    type: 'com.example.someevent',
    time: at,
  };

  test('a structured event of another SDK', () => {
    const headers = { 'content-type': Buffer.from('application/cloudevents+json; charset=UTF-8') };
    const event = {
      ...attributes,
      subject: 's',
      datacontenttype: 'application/json',
      data: { a: 1 },
    };
    expect(decode('cloudevents', event, headers)).toMatchObject({
      event,
      type: 'com.example.someevent',
      id: 'A234',
      payload: { a: 1 },
      metadata: { subject: 's', source: '/mycontext' },
    });
  });

  test('a binary event: attributes in ce_ headers, the content type without a prefix', () => {
    const headers = Object.fromEntries(
      Object.entries(attributes).map(([name, value]) => [`ce_${name}`, Buffer.from(value)]),
    );
    headers['content-type'] = Buffer.from('application/avro');
    const value = Buffer.from([0, 255, 1]);
    const decoded = envelope('cloudevents').decode(value, headers);
    expect(decoded).toMatchObject({
      id: 'A234',
      payload: value,
      metadata: { datacontenttype: 'application/avro' },
    });
    const { value: again, headers: written } = envelope('cloudevents-binary').encode({
      type: decoded.type,
      data: value,
      metadata: { source: '/mycontext', datacontenttype: 'application/avro' },
      context: { eventId: 'A234', time: at },
    });
    expect(again).toEqual(value);
    expect(written).toEqual(
      Object.fromEntries(
        Object.entries(headers).map(([name, header]) => [name, header.toString()]),
      ),
    );
  });

  test('the written headers of both modes', () => {
    const input = {
      type: 't',
      data: { a: 1 },
      metadata: { source: '/s' },
      context: { traceparent },
    };
    expect(encoded('cloudevents', input)).toEqual({
      body: {
        specversion: '1.0',
        type: 't',
        source: '/s',
        id: expect.any(String),
        time: expect.any(String),
        datacontenttype: 'application/json',
        traceparent,
        data: { a: 1 },
      },
      headers: { 'content-type': 'application/cloudevents+json; charset=UTF-8', traceparent },
    });
    expect(encoded('cloudevents-binary', input)).toMatchObject({
      body: { a: 1 },
      headers: {
        ce_specversion: '1.0',
        ce_type: 't',
        ce_traceparent: traceparent,
        'content-type': 'application/json',
      },
    });
  });

  test('bytes in a structured event are base64; no data is no value', () => {
    const data = Buffer.from([1, 2, 255]);
    const message = envelope('cloudevents').encode({ type: 't', data });
    expect(JSON.parse(message.value).data_base64).toBe('AQL/');
    expect(decode('cloudevents', message.value, message.headers).payload).toEqual(data);
    expect(envelope('cloudevents-binary').encode({ type: 't' }).value).toBeNull();
  });

  test.each([
    [{ ...attributes, specversion: '0.3' }, /expected "1\.0" for specversion but received "0\.3"/],
    [{ ...attributes, id: '' }, /expected a string for id/],
    [{ ...attributes, source: undefined }, /expected a string for source but received nothing/],
    [{ ...attributes, time: 'noon' }, /expected a date and time for time/],
  ])('refused: %j', (event, message) => {
    expect(() => decode('cloudevents', event)).toThrow(message);
  });

  test('attributes that CloudEvents does not allow are the writer’s mistake', () => {
    const encode = (metadata) => () =>
      envelope('cloudevents').encode({ type: 't', data: {}, metadata });
    expect(encode({ tenantId: 'x' })).toThrow(/"tenantId" is no name of an attribute/);
    expect(encode({ specversion: '2' })).toThrow(/"specversion" is no name/);
    expect(encode({ tenant: {} })).toThrow(/tenant is not a string, an integer or a boolean/);
  });
});

describe('several envelopes on a topic', () => {
  const names = ['task-manager', 'bare'];
  test('the first that recognises the message reads it', () => {
    const body = { headers: { requestId: 'r' }, message: {} };
    expect(decodeMessage(names, JSON.stringify(body))).toMatchObject({
      envelope: 'task-manager',
      id: 'r',
    });
    expect(decodeMessage(names, '{"userQuery":"q"}')).toMatchObject({
      envelope: 'bare',
      type: null,
    });
  });

  test.each([
    [null, 'the value is null'],
    [Buffer.from([0xff, 0xfe]), 'the value is not UTF-8'],
    ['[1]', 'it is none of task-manager, bare'],
    ['{', expect.stringMatching(/^the value is not JSON: /)],
  ])('%j is none of them', (value, reason) => {
    expect(() => decodeMessage(names, value)).toThrow(
      expect.objectContaining({ name: 'EnvelopeError', envelope: 'task-manager or bare', reason }),
    );
  });

  test('an unknown envelope is the caller’s mistake', () => {
    expect(() => envelope('soap')).toThrow(
      /Expected one of easyflow, .* for envelope but received "soap"/,
    );
  });
});

test('a repeated header counts once, a traceparent that is none not at all', () => {
  const headers = {
    'correlation-id': [Buffer.from('first'), 'second'],
    traceparent: `00-${'0'.repeat(32)}-${spanId}-01`,
    tracestate: 'a=b',
  };
  expect(decode('bare', {}, headers).correlation).toEqual({ correlationId: 'first' });
});

test('a tracker’s child context travels whole', () => {
  const tracker = new CorrelationTracker();
  const parent = tracker.createContext({ organizationId: 'org-123', workflowRunId: 'run-789' });
  const child = tracker.createChildContext(parent.correlationId, { nodeRunId: 'node-run-123' });
  const { value, headers } = envelope('officeflow').encode({ type: 't', data: {}, context: child });
  const sent = { ...child };
  delete sent.createdAt;
  expect(decode('officeflow', value, headers).correlation).toEqual(sent);
});

test('what a message says of another trace than its headers is left out, the rest is not', () => {
  const other = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;
  const metadata = { traceparent: other, tracestate: 'a=b', correlationId: 'c' };
  expect(
    decode('officeflow', { type: 't', payload: {}, metadata }, { traceparent }).correlation,
  ).toEqual({
    correlationId: 'c',
    traceparent,
    traceId,
    spanId,
  });
});
