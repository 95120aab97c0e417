'use strict';

// Notification service: src/consumers/user.consumer.js of Etelios' document. It says on email.sent what it has sent.

const {
  getKafkaService,
  KAFKA_TOPICS,
  createEvent,
  getConsumerGroup,
} = require('easyflow-kafka/presets/etelios');

const SERVICE = 'notification-service';

async function startUserEventConsumers({ note }, options) {
  const kafka = getKafkaService(options);
  await kafka.initialize();

  // Consume user created events
  await kafka.subscribe(
    KAFKA_TOPICS.USER_CREATED,
    getConsumerGroup(SERVICE),
    async (event, metadata) => {
      const { userId, email } = event.data;
      note(SERVICE, metadata, `sent the welcome to ${email}`);
      await kafka.publishEvent(
        KAFKA_TOPICS.EMAIL_SENT,
        createEvent('EMAIL_SENT', { userId, to: email, template: 'welcome' }, { source: SERVICE }),
        userId,
      );
    },
  );

  // Consume user login events
  await kafka.subscribe(
    KAFKA_TOPICS.USER_LOGIN,
    getConsumerGroup(SERVICE),
    async (event, metadata) => {
      note(SERVICE, metadata, `saw ${event.type}`);
    },
  );
}

module.exports = { startUserEventConsumers };
