'use strict';

// Runs of one side, as figures: { median, min, max } of each metric that all of its runs have.

const { HUB_METRICS } = require('../hub/metrics');

function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

const METRICS = {
  rate: ({ messages, seconds }) => (messages > 1 ? messages / seconds : undefined),
  cpuPerMillion: ({ cpuSeconds, messages }) =>
    messages > 1 ? (cpuSeconds / messages) * 1e6 : undefined,
  loopP50Ms: ({ loopDelay }) => loopDelay?.p50,
  loopP99Ms: ({ loopDelay }) => loopDelay?.p99,
  loopMaxMs: ({ loopDelay }) => loopDelay?.max,
  peakRssMb: ({ peakRssMb }) => peakRssMb,
  beforeRssMb: ({ beforeRssMb }) => beforeRssMb,
  latencyP50Ms: ({ latency }) => latency?.p50,
  latencyP99Ms: ({ latency }) => latency?.p99,
  latencyMaxMs: ({ latency }) => latency?.max,
  startMs: ({ startMs }) => startMs,
  cpuPercent: ({ idle }) => idle?.cpuPercent,
  threads: ({ idle }) => idle?.threads,
  rssMb: ({ idle }) => idle?.rssMb,
  dnsAloneP99Ms: ({ idle }) => idle?.alone?.dns.p99,
  dnsP99Ms: ({ idle }) => idle?.beside?.dns.p99,
  fileAloneP99Ms: ({ idle }) => idle?.alone?.file.p99,
  fileP99Ms: ({ idle }) => idle?.beside?.file.p99,
  ...HUB_METRICS,
};

const rounded = (value) => Number(value.toPrecision(5));

/** { runs, failed, <metric>: { median, min, max } }; null when no run succeeded. */
function summarize(runs) {
  const good = runs.filter((run) => !run.failed);
  if (good.length === 0) return null;
  const summary = { runs: good.length };
  if (good.length < runs.length) summary.failed = runs.length - good.length;
  for (const [name, pick] of Object.entries(METRICS)) {
    const values = good.map(pick);
    if (values.some((value) => value === undefined)) continue;
    summary[name] = {
      median: rounded(median(values)),
      min: rounded(Math.min(...values)),
      max: rounded(Math.max(...values)),
    };
  }
  return summary;
}

module.exports = { median, summarize };
