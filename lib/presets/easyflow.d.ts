import { RecordMetadata } from '../types/producer';
import {
  EventHandler,
  KafkaService as CatalogService,
  KafkaServiceOptions,
  PublishOptions,
  SubscriptionPolicies,
} from '../types/service';

export interface TaskMessage {
  taskId: string;
  type: string;
  status: string;
  payload: Record<string, any>;
  createdAt: string;
  [field: string]: any;
}

export interface TaskResultMessage {
  taskId: string;
  status: string;
  result?: any;
  error?: string;
  completedAt?: string;
  [field: string]: any;
}

export interface WorkflowEventMessage {
  workflowId: string;
  status?: string;
  timestamp?: string;
  [field: string]: any;
}

export interface StatusUpdateMessage {
  entityId: string;
  entityType: string;
  status: string;
  message?: string;
  timestamp: string;
  [field: string]: any;
}

/** What publishTask() takes: the rest is filled in. */
export interface NewTask {
  taskId: string;
  type: string;
  payload: Record<string, any>;
  status?: string;
  createdAt?: string;
  [field: string]: any;
}

export interface NewStatusUpdate {
  entityId: string;
  entityType: string;
  status: string;
  message?: string;
  timestamp?: string;
}

/** `groupId`: else that of the configuration, else the catalog's group for the topic. */
export interface SubscribeOptions extends SubscriptionPolicies {
  groupId?: string;
}

type Handler<E> = EventHandler<E> | Record<string, EventHandler<E>>;

export declare class KafkaService extends CatalogService {
  constructor(options?: Partial<KafkaServiceOptions>);
  publishTask(task: NewTask, options?: PublishOptions): Promise<RecordMetadata>;
  publishResult(result: TaskResultMessage, options?: PublishOptions): Promise<RecordMetadata>;
  publishWorkflowEvent(
    event: WorkflowEventMessage,
    options?: PublishOptions,
  ): Promise<RecordMetadata>;
  publishStatusUpdate(update: NewStatusUpdate, options?: PublishOptions): Promise<RecordMetadata>;
  /** In the group of the workers: a task goes to one of them. */
  subscribeToTasks(handler: Handler<TaskMessage>, options?: SubscribeOptions): Promise<void>;
  subscribeToResults(
    handler: Handler<TaskResultMessage>,
    options?: SubscribeOptions,
  ): Promise<void>;
  subscribeToWorkflowEvents(
    handler: Handler<WorkflowEventMessage>,
    options?: SubscribeOptions,
  ): Promise<void>;
  subscribeToStatusUpdates(
    handler: Handler<StatusUpdateMessage>,
    options?: SubscribeOptions,
  ): Promise<void>;
}

/** The service of this process: the same options give the same one, until its shutdown(). */
export declare function getKafkaService(options?: Partial<KafkaServiceOptions>): KafkaService;

export declare const TOPICS: Readonly<
  Record<'AUTOMATION_TASKS' | 'AUTOMATION_RESULTS' | 'WORKFLOW_EVENTS' | 'STATUS_UPDATES', string>
>;

export {};
