'use strict';

// The metrics of a service on real Kafka, and the alert rules, before the judge: promtool.

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { spawnSync } = require('node:child_process');
const { realBroker } = require('../shared/brokers');
const { parsed, someWork } = require('../shared/monitoring');
const { ordersOf } = require('../shared/orders');

const { start } = ordersOf(realBroker());
const RULES = path.join(__dirname, '../../lib/service/monitoring/alerts.yaml');

/** @returns {string} what it has to say; empty: nothing */
function promtool(args, input) {
  const { status, stdout, stderr, error } = spawnSync('promtool', args, {
    input,
    encoding: 'utf8',
  });
  if (error) throw error;
  return status === 0 ? '' : `${stdout}${stderr}`;
}

test('the text of a service that has worked is valid and has no bad name', async () => {
  const started = await start();
  await someWork(started, { breaker: { name: 'crm', failureThreshold: 100 } });
  const { service } = started;
  for (const { type, samples } of (await parsed(service)).values()) {
    expect(['counter', 'gauge', 'histogram']).toContain(type);
    expect(samples.every(({ value }) => Number.isFinite(value))).toBe(true);
  }
  expect(promtool(['check', 'metrics'], await service.metrics())).toBe('');
  expect(promtool(['check', 'metrics'], 'kafka_total{a="1" 5\n')).not.toBe('');
});

test('the alert rules are valid', () => {
  expect(promtool(['check', 'rules', RULES])).toBe('');
});

const series = (name, values) => ({ series: name, values });
const job = 'job="orders",instance="o-1"';

/** Each alert: series of one value a minute under which it fires, and such under which it does not. */
const ALERTS = [
  {
    name: 'KafkaConsumerStopped',
    at: '5m',
    fires: [series(`kafka_consumer_group_state{${job},group="g",state="crashed"}`, '0 1x10')],
    rests: [series(`kafka_consumer_group_state{${job},group="g",state="crashed"}`, '0x10')],
  },
  {
    name: 'KafkaConsumerNotJoined',
    at: '10m',
    fires: [series(`kafka_consumer_group_state{${job},group="g",state="joining"}`, '1x20')],
    rests: [series(`kafka_consumer_group_state{${job},group="g",state="joining"}`, '1 1 0x20')],
  },
  {
    name: 'KafkaConsumerLagGrows',
    at: '30m',
    fires: [series(`kafka_consumer_lag{${job},group="g",topic="t",partition="0"}`, '0+100x40')],
    rests: [
      series(`kafka_consumer_lag{${job},group="g",topic="t",partition="0"}`, '5000-100x40'),
      series(`kafka_consumer_lag{${job},group="g",topic="retry.g.5s",partition="0"}`, '0+100x40'),
    ],
  },
  {
    name: 'KafkaConsumerErrors',
    at: '20m',
    fires: [
      series(`kafka_consumer_messages_failed_total{${job},topic="t"}`, '0+10x30'),
      series(`kafka_consumer_messages_processed_total{${job},topic="t"}`, '0+90x30'),
    ],
    rests: [
      series(`kafka_consumer_messages_failed_total{${job},topic="t"}`, '0+1x30'),
      series(`kafka_consumer_messages_processed_total{${job},topic="t"}`, '0+99x30'),
    ],
  },
  {
    name: 'KafkaDeadLetters',
    at: '10m',
    fires: [
      series(`kafka_consumer_dead_letters_total{${job},topic="t",reason="attempts"}`, '0x5 1x10'),
    ],
    rests: [
      series(`kafka_consumer_dead_letters_total{${job},topic="t",reason="attempts"}`, '4x20'),
    ],
  },
  {
    name: 'KafkaConsumerSlow',
    at: '20m',
    fires: [
      series(`kafka_consumer_processing_duration_seconds_bucket{${job},topic="t",le="5"}`, '0x30'),
      series(
        `kafka_consumer_processing_duration_seconds_bucket{${job},topic="t",le="10"}`,
        '0+60x30',
      ),
      series(
        `kafka_consumer_processing_duration_seconds_bucket{${job},topic="t",le="+Inf"}`,
        '0+60x30',
      ),
    ],
    rests: [
      series(
        `kafka_consumer_processing_duration_seconds_bucket{${job},topic="t",le="5"}`,
        '0+60x30',
      ),
      series(
        `kafka_consumer_processing_duration_seconds_bucket{${job},topic="t",le="+Inf"}`,
        '0+60x30',
      ),
    ],
  },
  {
    name: 'KafkaRebalancesOften',
    at: '20m',
    fires: [series(`kafka_consumer_rebalances_total{${job},group="g"}`, '0+1x30')],
    rests: [series(`kafka_consumer_rebalances_total{${job},group="g"}`, '0 1 2 3 3x30')],
  },
  {
    name: 'KafkaCircuitBreakerOpen',
    at: '10m',
    fires: [
      series(`kafka_circuit_breaker_state{${job},group="g",breaker="crm",state="open"}`, '1x20'),
    ],
    rests: [
      series(`kafka_circuit_breaker_state{${job},group="g",breaker="crm",state="closed"}`, '1x20'),
    ],
  },
  {
    name: 'KafkaProducerErrors',
    at: '10m',
    fires: [series(`kafka_producer_messages_failed_total{${job},topic="t"}`, '0+1x20')],
    rests: [series(`kafka_producer_messages_failed_total{${job},topic="t"}`, '3x20')],
  },
  {
    name: 'KafkaProducerSlow',
    at: '20m',
    fires: [
      series(`kafka_producer_send_duration_seconds_bucket{${job},topic="t",le="1"}`, '0x30'),
      series(`kafka_producer_send_duration_seconds_bucket{${job},topic="t",le="2.5"}`, '0+60x30'),
      series(`kafka_producer_send_duration_seconds_bucket{${job},topic="t",le="+Inf"}`, '0+60x30'),
    ],
    rests: [
      series(`kafka_producer_send_duration_seconds_bucket{${job},topic="t",le="1"}`, '0+60x30'),
      series(`kafka_producer_send_duration_seconds_bucket{${job},topic="t",le="+Inf"}`, '0+60x30'),
    ],
  },
  {
    name: 'KafkaProducerBlocked',
    at: '5m',
    fires: [series(`kafka_producer_waiting_sends{${job}}`, '3x20')],
    rests: [series(`kafka_producer_waiting_sends{${job}}`, '0x20')],
  },
];

test('every alert is tried', () => {
  const names = fs.readFileSync(RULES, 'utf8').match(/(?<=alert: )\w+/g);
  expect(ALERTS.map(({ name }) => name)).toEqual(names);
});

describe.each(ALERTS)('$name', ({ name, at, fires, rests }) => {
  /** promtool's own rule tests (JSON is YAML). @returns what it objects to `count` alerts that fire */
  function firing(input, count) {
    const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'easyflow-alerts-'));
    const file = path.join(directory, 'test.json');
    const asked = {
      expr: `count(ALERTS{alertname="${name}",alertstate="firing"}) or vector(0)`,
      eval_time: at,
      exp_samples: [{ labels: '{}', value: count }],
    };
    const tests = [{ interval: '1m', input_series: input, promql_expr_test: [asked] }];
    fs.writeFileSync(
      file,
      JSON.stringify({ rule_files: [RULES], evaluation_interval: '1m', tests }),
    );
    try {
      return promtool(['test', 'rules', file]);
    } finally {
      fs.rmSync(directory, { recursive: true });
    }
  }

  it('fires', () => expect(firing(fires, 1)).toBe(''));
  it('rests', () => expect(firing(rests, 0)).toBe(''));
});
