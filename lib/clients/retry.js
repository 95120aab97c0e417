'use strict';

/** KafkaJS's defaults. */
const RETRY_DEFAULTS = Object.freeze({
  maxRetryTime: 30_000,
  initialRetryTime: 300,
  factor: 0.2,
  multiplier: 2,
  retries: 5,
});

/** A longer plan than this is no plan; librdkafka's own default delivery time. */
const LONGEST_PLAN_MS = 300_000;

/** Time to wait before the attempt after `retryCount` failures, without the random part. */
function backoffMs(retry, retryCount) {
  const { initialRetryTime, multiplier, maxRetryTime } = retry;
  return Math.min(initialRetryTime * multiplier ** retryCount, maxRetryTime);
}

/** The same with KafkaJS's randomization. */
function randomBackoffMs(retry, retryCount) {
  const spread = retry.factor * (Math.random() * 2 - 1);
  return Math.ceil(Math.min(backoffMs(retry, retryCount) * (1 + spread), retry.maxRetryTime));
}

/** How long all waits between the attempts are together, with `perAttemptMs` for each attempt. */
function planMs(retry, perAttemptMs = 0) {
  let total = perAttemptMs;
  for (let i = 0; i < retry.retries && total < LONGEST_PLAN_MS; i += 1) {
    total += backoffMs(retry, i) + perAttemptMs;
  }
  return Math.min(total, LONGEST_PLAN_MS);
}

module.exports = { RETRY_DEFAULTS, backoffMs, randomBackoffMs, planMs };
