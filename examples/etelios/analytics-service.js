'use strict';

// Analytics service: src/consumers/analytics.consumer.js of Etelios' document. It counts an event once, however often it comes.

const { MemoryIdempotencyStore } = require('easyflow-kafka/service');
const {
  getKafkaService,
  KAFKA_TOPICS,
  getConsumerGroup,
} = require('easyflow-kafka/presets/etelios');

const SERVICE = 'analytics-service';

const store = new MemoryIdempotencyStore();
const checkIfProcessed = (id) => store.checkIfProcessed(id);
const markAsProcessed = (id) => store.markAsProcessed(id);

async function startAnalyticsConsumers({ note }, options) {
  const kafka = getKafkaService(options);
  await kafka.initialize();

  // Consume all user events for analytics
  const userTopics = [
    KAFKA_TOPICS.USER_CREATED,
    KAFKA_TOPICS.USER_UPDATED,
    KAFKA_TOPICS.USER_LOGIN,
    KAFKA_TOPICS.EMAIL_SENT,
  ];

  for (const topic of userTopics) {
    await kafka.subscribe(
      topic,
      getConsumerGroup(SERVICE),
      async (event, metadata) => {
        // Check if already processed
        const processed = await checkIfProcessed(event.metadata.eventId);
        if (processed) {
          note(SERVICE, metadata, `passed over ${event.type}, which came again`);
          return; // Skip
        }

        note(SERVICE, metadata, `recorded ${event.type}`);
        await markAsProcessed(event.metadata.eventId);
      },
      { fromBeginning: true },
    );
  }
}

module.exports = { startAnalyticsConsumers };
