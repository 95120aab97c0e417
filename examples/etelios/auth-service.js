'use strict';

// Auth service: src/controllers/authController.js of Etelios' document, without the server around it.

const { randomUUID } = require('node:crypto');
const { getKafkaService, KAFKA_TOPICS, createEvent } = require('easyflow-kafka/presets/etelios');

const source = 'auth-service';

async function register({ email, role, name }, options) {
  const user = { _id: randomUUID(), email, role, name };

  // Publish user created event
  const kafka = getKafkaService(options);
  await kafka.publishEvent(
    KAFKA_TOPICS.USER_CREATED,
    createEvent(
      'USER_CREATED',
      {
        userId: user._id,
        email: user.email,
        role: user.role,
        name: user.name,
      },
      { source },
    ),
    user._id.toString(),
  );
  return user;
}

async function login(user, options) {
  const kafka = getKafkaService(options);
  const event = createEvent('USER_LOGIN', { userId: user._id }, { source });
  // Twice, as a caller does that has not got the answer: who consumes it has to be idempotent.
  for (let time = 0; time < 2; time += 1) {
    await kafka.publishEvent(KAFKA_TOPICS.USER_LOGIN, event, user._id.toString());
  }
}

module.exports = { register, login };
