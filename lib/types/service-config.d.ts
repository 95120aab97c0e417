import { KafkaConfig } from './common';
import { ConsumerConfig } from './consumer';
import { ProducerConfig } from './producer';

export type SecurityProtocol = 'PLAINTEXT' | 'SSL' | 'SASL_PLAINTEXT' | 'SASL_SSL';

/** What a program or a preset gives: the options of `new Kafka()`, and what a service has besides. */
export interface ServiceOptions extends Partial<KafkaConfig> {
  groupId?: string;
  securityProtocol?: SecurityProtocol;
  sslEnabled?: boolean;
  saslEnabled?: boolean;
  producer?: ProducerConfig;
  consumer?: Partial<ConsumerConfig>;
  /** Topic id of a catalog -> its name. */
  topics?: Record<string, string>;
  /** Parameters of a catalog: `{ org: 'org-123' }`. */
  parameters?: Record<string, string>;
}

export interface ConfigurationSources {
  /** Of a command line; rank above the options. */
  flags?: { brokers?: string | undefined; 'bootstrap-servers'?: string | undefined };
  options?: ServiceOptions;
  /** `process.env` unless given. */
  env?: Record<string, string | undefined>;
  /** Else that of KAFKA_CLIENT_PROPERTIES, else ./client.properties where it exists; null: none. */
  file?: string | null;
  /** Of a preset: what counts where nothing else does. */
  defaults?: ServiceOptions;
  /** Variables of a catalog: `{ topics: { TASK_STATUS_TOPIC: 'task-status' } }`. */
  variables?: { topics?: Record<string, string>; parameters?: Record<string, string> };
  /** Default true: no brokers at all is an error. */
  requireBrokers?: boolean;
}

/** Shows no secret in console.log() and JSON.stringify(); its properties hold the true values. */
export interface Configuration {
  /** For `new Kafka()`. */
  kafka: KafkaConfig;
  /** For `kafka.producer()`. */
  producer: ProducerConfig;
  /** For `kafka.consumer()`, `groupId` included where one is known. */
  consumer: Partial<ConsumerConfig>;
  groupId: string | undefined;
  topics: Record<string, string>;
  parameters: Record<string, string>;
  /** Setting -> variable, option, or file and line that gave it. */
  origins: Record<string, string>;
}

/** @throws ConfigurationError that lists everything that is wrong */
export declare function resolveConfiguration(from?: ConfigurationSources): Configuration;

/** A copy for eyes, with the values of secret names replaced at any depth. */
export declare function redact<T>(value: T): T;

/** A text without what looks like a secret, and without the given ones. */
export declare function redactText(text: string, secrets?: Iterable<string>): string;
