import { Admin, AdminConfig } from './admin';
import { ConfluentConfig, KafkaConfig, LibrdkafkaProperties, Logger } from './common';
import { Consumer, ConsumerConfig } from './consumer';
import { Producer, ProducerConfig } from './producer';

export declare class Kafka {
  /** KafkaJS's options, or @confluentinc/kafka-javascript's: `{ kafkaJS: { … }, 'linger.ms': 5 }`. */
  constructor(config?: KafkaConfig | ConfluentConfig<KafkaConfig>);
  producer(config?: ProducerConfig | ConfluentConfig<ProducerConfig & KafkaConfig>): Producer;
  consumer(config: ConsumerConfig | ConfluentConfig<ConsumerConfig & KafkaConfig>): Consumer;
  admin(config?: AdminConfig | ConfluentConfig<AdminConfig & KafkaConfig>): Admin;
  logger(): Logger;
}

/** Numbers of librdkafka's errors: `ErrorCodes.ERR__TIMED_OUT`. */
export declare const ErrorCodes: { readonly [name: `ERR_${string}`]: number };

export declare function isKafkaJSError(error: unknown): boolean;
export declare function isRebalancing(error: unknown): boolean;

export type ProducerConstructorConfig = ConfluentConfig<ProducerConfig>;
export type ConsumerConstructorConfig = ConfluentConfig<ConsumerConfig>;
export type AdminConstructorConfig = ConfluentConfig<AdminConfig>;
export type CommonConstructorConfig = ConfluentConfig<KafkaConfig>;
export type GlobalConfig = LibrdkafkaProperties;
