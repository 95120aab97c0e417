// What the package and its KafkaJS namespace both have.

export * from './common';
export * from './errors';
export * from './statistics';
export * from './producer';
export * from './consumer';
export * from './admin';
export {
  Kafka,
  ProducerConstructorConfig,
  ConsumerConstructorConfig,
  AdminConstructorConfig,
  CommonConstructorConfig,
} from './kafka';
