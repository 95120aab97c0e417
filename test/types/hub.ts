// A server with a StatusHub, as an application would write it.

import * as http from 'node:http';
import { Kafka, StatusHub } from '../../lib/index';
import type {
  HubGrant,
  HubProgress,
  HubUpdate,
  StatusHubMetrics,
  StatusHubOptions,
} from '../../lib/index';
import { KafkaService, loadCatalog } from '../../lib/service';

const kafka = new Kafka({ brokers: ['localhost:9092'] });
const options: StatusHubOptions = {
  topics: ['status-updates', { topic: 'agents', compacted: true }],
  channel: '{entityType}/{entityId}',
  window: { ms: 3_600_000 },
  limits: { connections: 10, outboundBytes: 1_000_000 },
  compression: { thresholdBytes: 512 },
  origins: ['https://app.example'],
  addressOf: ({ headers, remoteAddress }) =>
    String(headers['x-forwarded-for'] ?? remoteAddress).split(',')[0] ?? '',
  transform: ({ channel, data }: HubUpdate) =>
    channel.startsWith('internal/') ? null : data.status,
  publish: {
    'task.create': {
      topic: 'automation-tasks',
      schema: { type: 'object' },
      key: 'taskId',
      headers: ({ subject }) => ({ subject }),
    },
  },
};

async function run(): Promise<void> {
  const hub: StatusHub = new StatusHub(kafka, options);
  hub
    .authenticate(async ({ token, cookies, query, signal }): Promise<HubGrant | undefined> => {
      signal.throwIfAborted();
      if (token === undefined && cookies['session'] === undefined) return undefined;
      return {
        subject: query.get('as') ?? 'u1',
        allow: ['task/*'],
        expiresAt: new Date(),
        publish: ['task.create'],
      };
    })
    .authorize(({ subject, pattern }) => pattern.startsWith(subject));
  hub.on('progress', ({ records, total }: HubProgress) => void (records / total));
  hub.on('disconnect', ({ code, subject }) => void [code, subject]);
  hub.once('error', (error) => void error.message);
  const server = http.createServer();
  await hub.attach(server, { path: '/live' });
  await hub.whenReady();
  const { connections, refused, latencyP99Ms }: StatusHubMetrics = hub.metrics();
  void [connections, refused['401'], latencyP99Ms];
  hub.revoke('u1');
  hub.detach(server);
  await hub.close({ drainMs: 5_000 });
}

void new StatusHub(new KafkaService({ catalog: 'easyflow' }), {
  ...options,
  anonymous: { allow: ['*'] },
});

void new StatusHub(new KafkaService({ catalog: 'task-manager' }));
void new StatusHub(kafka, { catalog: 'officeflow', anonymous: { allow: ['*'] } });
void new StatusHub(kafka, {
  catalog: loadCatalog('etelios').withTopicNames({ 'user.created': 'prod.user.created' }),
  topics: ['order.created', { topic: 'agents', channel: 'agent/{key}' }],
});
// @ts-expect-error a Kafka object has no catalog
void new StatusHub(kafka);
// @ts-expect-error no such event
new StatusHub(kafka, options).on('message', () => {});
// @ts-expect-error a grant says what may be seen
new StatusHub(kafka, options).authenticate(() => ({ subject: 'u1' }));

void run;
