import http from 'node:http';
import { Registry } from 'prom-client';
import {
  KafkaService,
  MetricJson,
  ProcessingRates,
  ServiceHandler,
  createHttpHandler,
} from 'easyflow-kafka/service';

const service = new KafkaService({ catalog: 'task-manager', metricsRegistry: new Registry() });
http.createServer(createHttpHandler(service, { prefix: '/ops' })).listen(9464);

interface Request {
  method: string;
  url: string;
}
interface Reply {
  code(status: number): Reply;
}
declare const fastify: {
  get(path: string, handler: (request: Request, reply: Reply) => Promise<unknown>): void;
};
for (const [path, handler] of Object.entries(service.httpHandlers())) {
  const one: ServiceHandler = handler;
  fastify.get(path, one);
}

export async function numbers(): Promise<[string, MetricJson[], ProcessingRates, number | null]> {
  const health = await service.recentHealth();
  const lag = health.groups[0]?.partitions[0]?.lag ?? null;
  return [await service.metrics(), await service.metricsJson(), health.processing, lag];
}

// @ts-expect-error: no such option
createHttpHandler(service, { path: '/ops' });
// @ts-expect-error: not a Registry
new KafkaService({ catalog: 'task-manager', metricsRegistry: { metrics: 1 } });
