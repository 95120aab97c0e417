// Named imports, the default import and the namespace from an ES module.

import easyflow, { Kafka, KafkaJS, EmbeddedKafka, logLevel, type Producer } from 'easyflow-kafka';
import * as everything from 'easyflow-kafka';

const producer: Producer = new Kafka({
  brokers: ['b:9092'],
  logLevel: logLevel.NOTHING,
}).producer();
const same: typeof Kafka = everything.Kafka;
const byDefault: typeof Kafka = easyflow.Kafka;
const nested: KafkaJS.Producer = new KafkaJS.Kafka({ kafkaJS: { brokers: ['b:9092'] } }).producer();
const cluster: Promise<EmbeddedKafka> = EmbeddedKafka.start();

export { producer, same, byDefault, nested, cluster };
