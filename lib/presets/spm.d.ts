import { IHeaders } from '../types/common';
import { RecordMetadata } from '../types/producer';
import {
  EventHandler,
  KafkaServiceOptions,
  ServiceHealth,
  SubscriptionPolicies,
} from '../types/service';

export interface SpmEvent<T extends object = Record<string, any>> {
  event_type: string;
  event_id: string;
  timestamp: string;
  data: T;
  metadata?: Record<string, any>;
}

export interface SpmPublishOptions {
  /** Else the catalog's rule: the id of the task, project, … */
  key?: string | Buffer;
  metadata?: Record<string, unknown>;
  headers?: IHeaders;
}

type Publish = (data: object, options?: SpmPublishOptions) => Promise<RecordMetadata>;

declare class EventPublisher {
  constructor(options?: Partial<KafkaServiceOptions>);
  publish(type: string, data: object, options?: SpmPublishOptions): Promise<RecordMetadata>;
  /** Resolves when the brokers have everything that was published. */
  close(): Promise<void>;
}

export declare class TaskEventPublisher extends EventPublisher {
  publish_task_created: Publish;
  publish_task_updated: Publish;
  publish_task_deleted: Publish;
  publish_task_assigned: Publish;
  publish_task_status_changed: Publish;
  publishTaskCreated: Publish;
  publishTaskUpdated: Publish;
  publishTaskDeleted: Publish;
  publishTaskAssigned: Publish;
  publishTaskStatusChanged: Publish;
}

export declare class ProjectEventPublisher extends EventPublisher {
  publish_project_created: Publish;
  publish_project_updated: Publish;
  publish_project_deleted: Publish;
  publish_project_collaborator_added: Publish;
  publish_project_collaborator_removed: Publish;
  publishProjectCreated: Publish;
  publishProjectUpdated: Publish;
  publishProjectDeleted: Publish;
  publishProjectCollaboratorAdded: Publish;
  publishProjectCollaboratorRemoved: Publish;
}

export declare class ScheduleEventPublisher extends EventPublisher {
  publish_schedule_created: Publish;
  publish_schedule_updated: Publish;
  publish_schedule_deleted: Publish;
  publish_deadline_approaching: Publish;
  publish_deadline_overdue: Publish;
  publishScheduleCreated: Publish;
  publishScheduleUpdated: Publish;
  publishScheduleDeleted: Publish;
  publishDeadlineApproaching: Publish;
  publishDeadlineOverdue: Publish;
}

export declare class UserEventPublisher extends EventPublisher {
  publish_user_created: Publish;
  publish_user_updated: Publish;
  publish_user_deleted: Publish;
  publishUserCreated: Publish;
  publishUserUpdated: Publish;
  publishUserDeleted: Publish;
}

export declare class NotificationEventPublisher extends EventPublisher {
  publish_notification_sent: Publish;
  publish_notification_delivered: Publish;
  publish_notification_failed: Publish;
  publishNotificationSent: Publish;
  publishNotificationDelivered: Publish;
  publishNotificationFailed: Publish;
}

type Handler = EventHandler<SpmEvent> | Record<string, EventHandler<SpmEvent>>;

export declare class KafkaEventConsumer {
  constructor(options?: Partial<KafkaServiceOptions>);
  subscribeToTopics(topics: string[]): void;
  subscribe_to_topics(topics: string[]): void;
  /** Resolves when the group was joined. */
  consumeEvents(handler: Handler, policies?: SubscriptionPolicies): Promise<void>;
  consume_events(handler: Handler, policies?: SubscriptionPolicies): Promise<void>;
  healthCheck(): Promise<ServiceHealth>;
  close(): Promise<void>;
}

export declare const Topics: Readonly<
  Record<
    'TASK_EVENTS' | 'PROJECT_EVENTS' | 'SCHEDULE_EVENTS' | 'USER_EVENTS' | 'NOTIFICATION_EVENTS',
    string
  >
>;

export {};
