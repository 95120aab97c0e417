'use strict';

// The programs of Etelios' document, call for call; only their imports are others.

const { MemoryIdempotencyStore } = require('../../lib/service');
const {
  getKafkaService,
  KAFKA_TOPICS,
  createEvent,
  getConsumerGroup,
} = require('../../lib/presets/etelios');
const { clientsOf, unique, until } = require('./clients');
const { environment, partitionsOf, setUp } = require('./preset-tools');

/** As Mongoose has them: an _id is an object with a text. */
const objectId = (name) => {
  const id = unique(name);
  return { toString: () => id, toJSON: () => id };
};
const newUser = () => ({
  _id: objectId('user'),
  email: 'user@example.com',
  role: 'admin',
  name: 'User',
});

function response() {
  const res = { code: null, body: null };
  res.status = (code) => {
    res.code = code;
    return res;
  };
  res.json = (body) => {
    res.body = body;
  };
  return res;
}

function eteliosSuite(broker) {
  jest.setTimeout(120_000);
  const clients = clientsOf(broker);
  environment(() => ({ KAFKA_BROKERS: broker.bootstrap }));
  beforeAll(() => setUp(broker, 'etelios'));
  // Each test is a process of its own.
  afterEach(() => getKafkaService().shutdown());

  it('Using Kafka Service: one publishes, the other one consumes', async () => {
    const user = newUser();
    const welcomed = [];
    const sendWelcomeEmail = async (email) => welcomed.push(email);
    const ids = [];

    const kafka = getKafkaService();
    await kafka.initialize();
    await kafka.subscribe(
      KAFKA_TOPICS.USER_CREATED,
      getConsumerGroup('notification-service'),
      async (event, metadata) => {
        ids.push([event.data.userId, metadata.key]);
        await sendWelcomeEmail(event.data.email);
      },
    );
    await kafka.publishEvent(
      KAFKA_TOPICS.USER_CREATED,
      createEvent('USER_CREATED', { userId: user._id, email: user.email, role: user.role }),
      user._id.toString(), // Partition key
    );

    const isMine = ([id]) => id === String(user._id);
    await until(() => ids.some(isMine) && welcomed.length === ids.length, 'the welcome');
    expect(welcomed).toContain('user@example.com');
    expect(ids.find(isMine)).toEqual([String(user._id), String(user._id)]);
    expect(getKafkaService()).toBe(kafka);
  });

  it('Integration Examples: auth service and notification service', async () => {
    const user = newUser();
    const register = async (req, res, next) => {
      try {
        const kafka = getKafkaService();
        await kafka.publishEvent(
          KAFKA_TOPICS.USER_CREATED,
          createEvent('USER_CREATED', {
            userId: user._id,
            email: user.email,
            role: user.role,
            name: user.name,
          }),
          user._id.toString(),
        );
        res.status(201).json({ success: true, data: user });
      } catch (error) {
        next(error);
      }
    };
    const welcomed = [];
    const loggedIn = [];
    const emailService = { sendWelcomeEmail: async (...args) => welcomed.push(args) };
    async function startUserEventConsumers() {
      const kafka = getKafkaService();
      await kafka.initialize();
      await kafka.subscribe(
        KAFKA_TOPICS.USER_CREATED,
        getConsumerGroup('notification-service'),
        async (event) => {
          await emailService.sendWelcomeEmail(event.data.email, event.data.name);
        },
      );
      await kafka.subscribe(
        KAFKA_TOPICS.USER_LOGIN,
        getConsumerGroup('notification-service'),
        async (event) => {
          loggedIn.push(event.data.userId);
        },
      );
    }

    await startUserEventConsumers();
    const res = response();
    await register({}, res, (error) => {
      throw error;
    });
    await getKafkaService().publishEvent(
      KAFKA_TOPICS.USER_LOGIN,
      createEvent('USER_LOGIN', { userId: user._id }),
    );
    expect(res).toMatchObject({ code: 201, body: { success: true } });
    const isNamed = ([, name]) => name === 'User';
    const isIn = () => loggedIn.includes(String(user._id));
    await until(() => welcomed.some(isNamed) && isIn(), 'both events');
    expect(welcomed.find(isNamed)).toEqual(['user@example.com', 'User']);
  });

  it('Integration Examples: HR service', async () => {
    const employee = {
      _id: objectId('employee'),
      employee_code: 'E-7',
      name: 'John Doe',
      department: 'Engineering',
    };
    const createEmployee = async (req, res, next) => {
      try {
        const kafka = getKafkaService();
        await kafka.publishEvent(
          KAFKA_TOPICS.EMPLOYEE_CREATED,
          createEvent('EMPLOYEE_CREATED', {
            employeeId: employee._id,
            employeeCode: employee.employee_code,
            name: employee.name,
            department: employee.department,
          }),
          employee._id.toString(),
        );
        res.status(201).json({ success: true, data: employee });
      } catch (error) {
        next(error);
      }
    };

    const res = response();
    await createEmployee({}, res, (error) => {
      throw error;
    });
    expect(res.code).toBe(201);
    const mine = (all) => all.find(({ key }) => key?.toString() === String(employee._id));
    const messages = await clients.readUntil('employee.created', mine, {
      partitions: await partitionsOf(clients, 'employee.created'),
    });
    const message = mine(messages);
    expect(JSON.parse(message.value)).toEqual({
      type: 'EMPLOYEE_CREATED',
      data: {
        employeeId: String(employee._id),
        employeeCode: 'E-7',
        name: 'John Doe',
        department: 'Engineering',
      },
      metadata: { eventId: expect.any(String), timestamp: expect.any(String) },
    });
  });

  it('Integration Examples: analytics service consumes all user events', async () => {
    const recorded = [];
    const analyticsService = { recordEvent: async (type, data) => recorded.push([type, data]) };
    async function startAnalyticsConsumers() {
      const kafka = getKafkaService();
      await kafka.initialize();
      const userTopics = [
        KAFKA_TOPICS.USER_CREATED,
        KAFKA_TOPICS.USER_UPDATED,
        KAFKA_TOPICS.USER_LOGIN,
      ];
      for (const topic of userTopics) {
        await kafka.subscribe(topic, getConsumerGroup('analytics-service'), async (event) => {
          await analyticsService.recordEvent(event.type, event.data);
        });
      }
    }

    await startAnalyticsConsumers();
    const kafka = getKafkaService();
    const userId = unique('user');
    const data = { userId, email: 'user@example.com', role: 'admin' };
    for (const type of ['USER_CREATED', 'USER_UPDATED', 'USER_LOGIN']) {
      await kafka.publishEvent(KAFKA_TOPICS[type], createEvent(type, data), userId.toString());
    }
    const mine = () => recorded.filter(([, { userId: id }]) => id === userId);
    await until(() => mine().length === 3, 'three events');
    expect(
      mine()
        .map(([type]) => type)
        .sort(),
    ).toEqual(['USER_CREATED', 'USER_LOGIN', 'USER_UPDATED']);
  });

  it('Health Check', async () => {
    const kafka = getKafkaService();
    await kafka.initialize();
    await kafka.subscribe(KAFKA_TOPICS.SALE_CREATED, unique('sales-service'), () => {});
    await kafka.subscribe(KAFKA_TOPICS.SALE_COMPLETED, unique('crm-service'), () => {});
    const health = await kafka.healthCheck();
    expect(health).toMatchObject({
      connected: true,
      producer: true,
      consumers: 2,
      brokers: broker.bootstrap,
    });
  });

  it('Best Practices: schema, errors, idempotency, partition keys', async () => {
    const kafka = getKafkaService();
    const user = newUser();
    const event = createEvent(
      'USER_UPDATED',
      { userId: user._id, email: user.email, role: user.role },
      { tenantId: 'tenant-1', source: 'auth-service' },
    );
    expect(event.metadata).toEqual({
      eventId: expect.any(String),
      timestamp: expect.any(String),
      tenantId: 'tenant-1',
      source: 'auth-service',
    });

    const store = new MemoryIdempotencyStore();
    const checkIfProcessed = (id) => store.checkIfProcessed(id);
    const markAsProcessed = (id) => store.markAsProcessed(id);
    const orders = [];
    const deliveries = [];
    const processOrder = async (order) => orders.push(order.orderId);
    const order = createEvent('ORDER_CREATED', { orderId: unique('order') });
    await kafka.subscribe(
      KAFKA_TOPICS.ORDER_CREATED,
      getConsumerGroup('inventory-service'),
      async (delivered) => {
        if (delivered.metadata.eventId !== order.metadata.eventId) return;
        deliveries.push(delivered.metadata.eventId);
        // Check if already processed
        const processed = await checkIfProcessed(delivered.metadata.eventId);
        if (processed) {
          return; // Skip
        }

        await processOrder(delivered.data);
        await markAsProcessed(delivered.metadata.eventId);
      },
    );
    await kafka.publishEvent(KAFKA_TOPICS.ORDER_CREATED, order);
    await kafka.publishEvent(KAFKA_TOPICS.ORDER_CREATED, order);
    await until(() => deliveries.length === 2, 'both deliveries');
    expect(orders).toEqual([order.data.orderId]);

    const userId = user._id;
    const results = [];
    for (let i = 0; i < 3; i += 1) {
      results.push(await kafka.publishEvent(KAFKA_TOPICS.USER_UPDATED, event, userId.toString()));
    }
    expect(new Set(results.map(({ partition }) => partition)).size).toBe(1);
  });
}

module.exports = { eteliosSuite };
