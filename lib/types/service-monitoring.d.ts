import { KafkaService } from './service';

/** What is needed of prom-client's Registry. */
export interface MetricsRegistry {
  readonly contentType: string;
  registerMetric(metric: any): void;
  getSingleMetric(name: string): unknown;
  removeSingleMetric(name: string): void;
  metrics(): Promise<string>;
  getMetricsAsJSON(): Promise<any[]>;
}

export interface MetricJson {
  name: string;
  help: string;
  type: 'counter' | 'gauge' | 'histogram' | 'summary';
  aggregator: string;
  values: { labels: Record<string, string | number>; value: number; metricName?: string }[];
}

/** Of handler calls. */
export interface ProcessingRates {
  perSecond: number;
  failedPerSecond: number;
  /** Share of the calls that failed, 0 to 1. */
  errorRate: number;
  /** How far back the numbers go: about a minute where somebody looks that often. */
  overSeconds: number;
}

export interface HttpHandlerOptions {
  /** Of the paths. Default '/api'. */
  prefix?: string;
}

/** For node:http, Express and Fastify. */
export type ServiceHandler = (
  req: { readonly method?: string | undefined; readonly url?: string | undefined },
  res: object,
) => Promise<any>;

export type ServiceRequestHandler = (
  req: { readonly method?: string | undefined; readonly url?: string | undefined },
  res: object,
  next?: (error?: any) => void,
) => Promise<any>;

/**
 * One handler for all paths of health and metrics. What it does not know is for `next` (Express), or not found.
 */
export declare function createHttpHandler(
  service: KafkaService,
  options?: HttpHandlerOptions,
): ServiceRequestHandler;
