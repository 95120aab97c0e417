export * from './types/shared';
export * from './types/embedded';
export * from './types/hub';
export * as KafkaJS from './types/confluent';

/** Version of the librdkafka inside the addon. */
export declare const librdkafkaVersion: string;
/** Names in its `builtin.features`. */
export declare const features: string;
