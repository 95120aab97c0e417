// ESM names of the CommonJS module.

import preset from './spm.js';

export const {
  TaskEventPublisher,
  ProjectEventPublisher,
  ScheduleEventPublisher,
  UserEventPublisher,
  NotificationEventPublisher,
  KafkaEventConsumer,
  Topics,
} = preset;

export default preset;
