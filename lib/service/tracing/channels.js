'use strict';

// What the service layer tells node:diagnostics_channel. docs/tracing.md lists the names and what each message holds.

const diagnostics = require('node:diagnostics_channel');

/** Tracing channels: `tracing:<name>:start`, `:end`, `:asyncStart`, `:asyncEnd`, `:error`. */
const TRACED = Object.freeze({
  publish: diagnostics.tracingChannel('easyflow-kafka:publish'),
  process: diagnostics.tracingChannel('easyflow-kafka:process'),
});

/** Plain channels. */
const CHANNELS = Object.freeze({
  correlation: diagnostics.channel('easyflow-kafka:correlation'),
  breaker: diagnostics.channel('easyflow-kafka:breaker'),
  retry: diagnostics.channel('easyflow-kafka:retry'),
});

const EVENTS = ['start', 'end', 'asyncStart', 'asyncEnd', 'error'];

/** Runs `work` with the channel's events around it; when nobody listens it is just called. */
function traced(channel, message, work) {
  // tracePromise() of Node 20 publishes even to nobody.
  if (!EVENTS.some((event) => channel[event].hasSubscribers)) return work();
  return channel.tracePromise(work, message);
}

/** `makeMessage` is called only when somebody listens. */
function publish(channel, makeMessage) {
  if (channel.hasSubscribers) channel.publish(makeMessage());
}

module.exports = { TRACED, CHANNELS, traced, publish };
