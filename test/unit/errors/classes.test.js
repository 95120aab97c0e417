'use strict';

const kafkajs = require('kafkajs');
const { classes } = require('../../../lib/errors');

const file = require.resolve('../../../lib/errors/classes');

function otherCopy() {
  let copy;
  jest.isolateModules(() => {
    copy = require(file);
  });
  return copy;
}

test('all of KafkaJS’s error classes are there and inherit as there', () => {
  const theirs = Object.entries(kafkajs).filter(([name]) => /^KafkaJS/.test(name));
  expect(theirs.length).toBeGreaterThan(20);
  for (const [name, type] of theirs) {
    expect(classes).toHaveProperty(name);
    const parent = Object.getPrototypeOf(type).name;
    if (/^KafkaJS/.test(parent)) {
      expect(classes[name].prototype).toBeInstanceOf(classes[parent]);
    }
  }
});

test('constructors take KafkaJS’s arguments', () => {
  const cause = Object.assign(
    new classes.KafkaJSProtocolError({ message: 'm', type: 'T', code: 5 }),
  );
  expect(cause).toMatchObject({ message: 'm', type: 'T', code: 5, name: 'KafkaJSProtocolError' });
  const exceeded = new classes.KafkaJSNumberOfRetriesExceeded(cause, {
    retryCount: 5,
    retryTime: 9,
  });
  expect(exceeded).toMatchObject({
    message: 'm',
    retryCount: 5,
    retryTime: 9,
    retriable: false,
    cause,
  });
  expect(new classes.KafkaJSError('x')).toMatchObject({ retriable: true, fatal: false });
  expect(new classes.KafkaJSError('x', { retriable: false }).retriable).toBe(false);
  expect(new classes.KafkaJSConnectionError('x', { broker: 'b:1', code: 'E' })).toMatchObject({
    broker: 'b:1',
    code: 'E',
    retriable: true,
  });
  const partitions = [{ partition: 0, offset: '1', error: new classes.KafkaJSError('x') }];
  expect(new classes.KafkaJSDeleteTopicRecordsError({ partitions })).toMatchObject({
    retriable: true,
    partitions,
  });
  expect(new classes.KafkaJSAggregateError('x', [1]).errors).toEqual([1]);
});

test('instanceof holds between two copies of the package', () => {
  const other = otherCopy();
  expect(other.KafkaJSError).not.toBe(classes.KafkaJSError);
  const error = new other.KafkaJSUnsupportedError('x');
  expect(error).toBeInstanceOf(classes.KafkaJSUnsupportedError);
  expect(error).toBeInstanceOf(classes.KafkaJSNotImplemented);
  expect(error).toBeInstanceOf(classes.KafkaJSNonRetriableError);
  expect(error).toBeInstanceOf(classes.KafkaJSError);
  expect(error).not.toBeInstanceOf(classes.KafkaJSTimeout);
  expect(new other.KafkaJSAggregateError('x', [])).toBeInstanceOf(classes.KafkaJSAggregateError);
  expect(new Error('x')).not.toBeInstanceOf(classes.KafkaJSError);
  expect(null instanceof classes.KafkaJSError).toBe(false);
});

test('a subclass of the user is recognised by its own objects only', () => {
  class Mine extends classes.KafkaJSError {}
  expect(new Mine('x')).toBeInstanceOf(Mine);
  expect(new Mine('x')).toBeInstanceOf(classes.KafkaJSError);
  expect(new classes.KafkaJSError('x')).not.toBeInstanceOf(Mine);
});
