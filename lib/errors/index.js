'use strict';

const classes = require('./classes');
const { ERROR_CODES } = require('./codes');
const { ErrorCodes } = require('./librdkafka-codes');
const { fromNative, fromCode } = require('./from-native');
const { trimStack, recapture } = require('./stack');

const isKafkaJSError = (e) => e instanceof classes.KafkaJSError;
const isRebalancing = (e) =>
  ['REBALANCE_IN_PROGRESS', 'NOT_COORDINATOR_FOR_GROUP', 'ILLEGAL_GENERATION'].includes(e?.type);

module.exports = {
  classes,
  ERROR_CODES,
  ErrorCodes,
  isKafkaJSError,
  isRebalancing,
  fromNative,
  fromCode,
  trimStack,
  recapture,
};
