import { KafkaService, KafkaServiceOptions } from '../types/service';
import { Configuration, ServiceOptions } from '../types/service-config';

/** The service of this process: the same options give the same one, until its shutdown(). */
export declare function getKafkaService(options?: Partial<KafkaServiceOptions>): KafkaService;

export interface TaskManagerTopics {
  readonly TASK_STATUS: string;
  readonly WEB_CRAWL_REQUEST: string;
}

/** As TASK_STATUS_TOPIC and WEB_CRAWL_REQUEST_TOPIC name them. */
export declare const TOPICS: TaskManagerTopics;

export interface TaskManagerConfig extends Pick<
  Configuration,
  'kafka' | 'producer' | 'consumer' | 'origins'
> {
  groupId: string;
  topics: TaskManagerTopics;
}

/** The client configurations of the document, from its variables. @throws ConfigurationError */
export declare function getKafkaConfig(from?: {
  env?: Record<string, string | undefined>;
  /** A client.properties; null: none. */
  file?: string | null;
  options?: ServiceOptions;
}): TaskManagerConfig;

export interface TaskHeaders {
  taskId: string;
  taskType: string;
  timestamp: string;
  traceId?: string;
  spanId?: string;
}

export interface RequestHeaders {
  requestId: string;
  requestType: string;
  timestamp: string;
  traceId?: string;
  spanId?: string;
}

export interface WebCrawl {
  userEmail: string;
  userQuery: string;
  originalUrl: string;
}

export interface TaskManagerMessage<H, M> {
  headers: H;
  message: M;
}

export declare function newTaskMessage(
  task: WebCrawl & { taskId?: string; receivedAt?: string },
  headers?: Partial<TaskHeaders>,
): TaskManagerMessage<
  TaskHeaders,
  WebCrawl & { taskId: string; receivedAt: string; status: 'new' }
>;

export declare function taskCompletedMessage(
  task: { taskId: string; result: string; finishedAt?: string },
  headers?: Partial<TaskHeaders>,
): TaskManagerMessage<
  TaskHeaders,
  { taskId: string; status: 'completed'; result: string; finishedAt: string }
>;

export declare function taskErrorMessage(
  task: { taskId: string; error: string | Error; finishedAt?: string },
  headers?: Partial<TaskHeaders>,
): TaskManagerMessage<
  TaskHeaders,
  { taskId: string; status: 'error'; error: string; finishedAt: string }
>;

export declare function webCrawlRequestMessage(
  request: WebCrawl & { requestedAt?: string },
  headers?: Partial<RequestHeaders>,
): TaskManagerMessage<RequestHeaders, WebCrawl & { requestedAt: string }>;
