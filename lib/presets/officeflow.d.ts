import { IHeaders, KafkaConfig } from '../types/common';
import { ConsumerConfig } from '../types/consumer';
import { RecordMetadata } from '../types/producer';
import {
  EventMetadata,
  KafkaServiceOptions,
  ServiceHealth,
  SubscriptionPolicies,
} from '../types/service';
import { DLQHandler as CatalogDLQHandler, DLQHandlerOptions } from '../types/service-dead-letters';
import { TopicManager as CatalogTopicManager, TopicManagerOptions } from '../types/service-catalog';
import { Kafka } from '../types/kafka';

export { CorrelationTracker } from '../types/service-tracing';

export type KafkaClusterConfig = KafkaConfig;

export declare const defaultKafkaConfig: Readonly<KafkaClusterConfig & { brokers: string[] }>;

/** The platform's topics. */
export declare class TopicManager extends CatalogTopicManager {
  constructor(config?: KafkaClusterConfig | Kafka, options?: Partial<TopicManagerOptions>);
}

/** `start()` deals with dead letters until `stop()`. */
export declare class DLQHandler extends CatalogDLQHandler {
  constructor(config?: KafkaClusterConfig | Kafka, options?: DLQHandlerOptions);
}

export interface OfficeFlowMessage<T = Record<string, any>> {
  type: string;
  payload: T;
  metadata?: {
    source?: string;
    organizationId?: string;
    employeeId?: string;
    workflowRunId?: string;
    nodeRunId?: string;
    /** Else that of the message that is being handled, else a new one. */
    correlationId?: string;
    messageId?: string;
    timestamp?: string;
    [name: string]: any;
  };
}

export interface SendOptions {
  /** Else the catalog's rule: the employee, or the run. */
  key?: string | Buffer;
  headers?: IHeaders;
}

export declare class OfficeFlowProducer {
  constructor(config?: KafkaClusterConfig & Partial<KafkaServiceOptions>);
  connect(): Promise<void>;
  /** `employee.onboard` and `org-123`: to `employee.onboard.org-123`. */
  sendToOrganizationTopic(
    prefix: string,
    organizationId: string,
    message: OfficeFlowMessage,
    options?: SendOptions,
  ): Promise<RecordMetadata>;
  sendMessage(
    topic: string,
    message: OfficeFlowMessage,
    options?: SendOptions,
  ): Promise<RecordMetadata>;
  healthCheck(): Promise<ServiceHealth>;
  disconnect(): Promise<void>;
}

/** The correlation of a message, and where it was. */
export interface MessageContext extends EventMetadata {
  spanId: string;
  traceparent: string;
  organizationId?: string;
  employeeId?: string;
  workflowRunId?: string;
  nodeRunId?: string;
  parentCorrelationId?: string;
}

export type MessageHandler<T = Record<string, any>> = (
  message: OfficeFlowMessage<T>,
  context: MessageContext,
) => unknown;

export interface OfficeFlowConsumerOptions extends ConsumerConfig {
  /** Retries, dead letters, idempotency, …: docs/service.md */
  policies?: SubscriptionPolicies;
}

export declare class OfficeFlowConsumer {
  constructor(
    config: (KafkaClusterConfig & Partial<KafkaServiceOptions>) | undefined,
    options: OfficeFlowConsumerOptions,
  );
  /** Before run(); a later handler of a type takes the place of an earlier one. */
  registerHandler(type: string, handler: MessageHandler): void;
  connect(): Promise<void>;
  /** Names, ids of the catalog, names with `*` for one part. */
  subscribe(
    subscription:
      | { topics: (string | RegExp)[]; fromBeginning?: boolean }
      | { topic: string | RegExp; fromBeginning?: boolean },
  ): Promise<void>;
  /** Resolves when the group was joined. */
  run(): Promise<void>;
  healthCheck(): Promise<ServiceHealth>;
  disconnect(): Promise<void>;
}
