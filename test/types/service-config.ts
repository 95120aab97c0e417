import { Kafka, ConfigurationError } from '../../lib';
import { redact, redactText, resolveConfiguration } from '../../lib/types/service-config';

try {
  const { kafka, consumer, groupId, origins, topics } = resolveConfiguration({
    options: {
      brokers: ['a:1'],
      sasl: { mechanism: 'scram-sha-256', username: 'u', password: 'p' },
      consumer: { sessionTimeout: 5_000 },
      librdkafka: { 'linger.ms': 5 },
    },
    env: process.env,
    file: null,
    defaults: { clientId: 'service', topics: { 'task-status': 'x' } },
    variables: { topics: { MY_TOPIC: 'my-topic' } },
  });
  const client = new Kafka(kafka);
  client.consumer({ ...consumer, groupId: groupId ?? 'g' });
  const origin: string | undefined = origins.brokers;
  const renamed: string | undefined = topics['task-status'];
  void [origin, renamed, redact({ password: 'x' }).password.length, redactText('x', ['y'])];
} catch (error) {
  if (error instanceof ConfigurationError) {
    for (const { setting, origin, message } of error.problems) void [setting, origin, message];
  }
}

// @ts-expect-error a number is no group
resolveConfiguration({ options: { groupId: 5 } });
// @ts-expect-error no such protocol
resolveConfiguration({ options: { securityProtocol: 'SASL' } });
