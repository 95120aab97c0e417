'use strict';

// The three services of the demo. Each has its own clients, as if it were a process of its own.

const { setMaxListeners } = require('node:events');
const { setTimeout: delay } = require('node:timers/promises');
const messages = require('./messages');
const { headersOf } = require('./ledger');

const { TOPICS } = messages;
/** Tasks on their way at once: the embedded broker keeps a limited number of messages. */
const MAX_UNFINISHED = 2_000;
const TICK_MS = 5;
const CATCH_UP_MS = 5_000;
const SCRIPTS = ['data_processing.py', 'resize_images.py', 'send_report.py', 'import_orders.py'];
/** One task in so many fails. */
const FAILING = 50;
/** Then the first one comes again, so that a demo without end has no end of entities either. More than MAX_UNFINISHED. */
const TASK_IDS = 5_000;

/** A failed service ends the demo: the reason is shown, instead of a table full of lost messages. */
function failOnCrash(consumer, stop) {
  consumer.on(consumer.events.CRASH, ({ payload: { error, restart } }) => {
    if (!restart) stop(error);
  });
}

class Service {
  constructor({ cluster, runId, ledger, signal, stop }) {
    Object.assign(this, { kafka: cluster.kafka, runId, ledger, signal, fail: stop });
    this.clients = [];
  }

  async start() {
    await Promise.all(this.clients.map((client) => client.connect()));
  }

  async stop() {
    // A worker's consumer ends before its producer: the handler that runs still has to send.
    for (const client of this.clients) await client.disconnect();
  }

  /** One message, marked for the ledger. */
  message(topic, number, step, key, value) {
    this.ledger.sent(topic);
    return messages.toMessage(key, value, headersOf(this.runId, number, step));
  }
}

/** The API server: sends tasks at a steady rate, each by a send() of its own. */
class TaskSource extends Service {
  constructor({ tasks, rate, ...context }) {
    super(context);
    this.tasks = tasks;
    this.rate = rate;
    this.producer = this.kafka.producer();
    this.clients.push(this.producer);
  }

  async sendAll() {
    const started = performance.now();
    const sends = new Set();
    for (let number = 1; number <= this.tasks && !this.signal.aborted;) {
      const elapsed = (performance.now() - started) / 1_000;
      const due = this.rate === 0 ? this.tasks : Math.ceil(elapsed * this.rate);
      const last = Math.min(due, this.ledger.finished + MAX_UNFINISHED, this.tasks);
      for (; number <= last; number += 1) {
        const sending = this.#send(number);
        sends.add(sending);
        sending.finally(() => sends.delete(sending)).catch(() => {});
      }
      await delay(TICK_MS);
    }
    await Promise.all(sends);
  }

  #send(number) {
    const taskId = `task-${String(((number - 1) % TASK_IDS) + 1).padStart(3, '0')}`;
    const payload = { script: SCRIPTS[number % SCRIPTS.length], parameters: {} };
    const task = messages.task(taskId, payload);
    const message = this.message(TOPICS.tasks, number, 'pending', taskId, task);
    const sending = this.producer.send({ topic: TOPICS.tasks, messages: [message] });
    sending.catch(this.fail);
    return sending;
  }
}

/** Takes tasks, does them, publishes results, workflow events and status updates. */
class Worker extends Service {
  constructor({ groupId, workMs, ...context }) {
    super(context);
    this.workMs = workMs;
    setMaxListeners(0, this.signal); // one for each task in hand
    this.consumer = this.kafka.consumer({ groupId });
    this.producer = this.kafka.producer();
    this.clients.push(this.consumer, this.producer);
    failOnCrash(this.consumer, this.fail);
  }

  async start() {
    await super.start();
    await this.consumer.subscribe({ topic: TOPICS.tasks, fromBeginning: true });
    await this.consumer.run({
      partitionsConsumedConcurrently: 4,
      // A batch at a time: the messages of many tasks share a crossing and a request.
      eachBatch: async ({ batch }) => {
        const own = batch.messages.filter(({ headers }) => String(headers?.runId) === this.runId);
        await Promise.all(own.map((message) => this.#work(message)));
      },
    });
  }

  async #work({ key, headers, value }) {
    const { script } = JSON.parse(value).payload;
    const number = Number(headers.number);
    const taskId = key.toString();
    await this.#publish(number, taskId, {
      [TOPICS.workflow]: ['started', messages.workflowEvent(taskId, 'started')],
      [TOPICS.status]: ['running', messages.statusUpdate(taskId, 'running', `${script} started`)],
    });
    await this.#do();
    const isFailed = number % FAILING === 0;
    const output = { script, rows: number * 10 };
    const [status, text] = isFailed
      ? ['failed', `${script} failed: exit code 1`]
      : ['completed', `${script} completed, ${output.rows} rows`];
    await this.#publish(number, taskId, {
      [TOPICS.results]: [
        'completed',
        isFailed ? messages.failure(taskId, text) : messages.result(taskId, output),
      ],
      [TOPICS.workflow]: ['finished', messages.workflowEvent(taskId, 'finished')],
      [TOPICS.status]: ['completed', messages.statusUpdate(taskId, status, text)],
    });
  }

  /** What is on its way when the demo ends is done at once. */
  async #do() {
    if (this.workMs === 0) return;
    const ms = Math.random() * this.workMs;
    await delay(ms, undefined, { signal: this.signal }).catch(() => {});
  }

  #publish(number, taskId, byTopic) {
    const topicMessages = Object.entries(byTopic).map(([topic, [step, value]]) => ({
      topic,
      messages: [this.message(topic, number, step, taskId, value)],
    }));
    return this.producer.sendBatch({ topicMessages });
  }
}

/** Reads all four topics and keeps the books. */
class Dashboard extends Service {
  #positions = new Map();

  constructor({ groupId, onStatus, ...context }) {
    super(context);
    this.consumer = this.kafka.consumer({ groupId });
    this.onStatus = onStatus;
    this.clients.push(this.consumer);
    failOnCrash(this.consumer, this.fail);
  }

  async start() {
    await super.start();
    await this.consumer.subscribe({ topics: Object.values(TOPICS), fromBeginning: true });
    await this.consumer.run({
      partitionsConsumedConcurrently: 16,
      eachMessage: async ({ topic, partition, message }) => {
        this.#positions.set(`${topic} ${partition}`, Number(message.offset) + 1);
        if (!this.ledger.receive(topic, message.headers) || topic !== TOPICS.status) return;
        const { entityId, status, message: text } = JSON.parse(message.value);
        this.onStatus(`${entityId} ${status}: ${text}`);
      },
    });
  }

  /** Reads what is left after everything came: a message that comes twice comes here. */
  async readToEnd() {
    const admin = this.kafka.admin();
    await admin.connect();
    try {
      for (const topic of Object.values(TOPICS)) {
        for (const { partition, high } of await admin.fetchTopicOffsets(topic)) {
          await this.#reach(`${topic} ${partition}`, Number(high));
        }
      }
    } finally {
      await admin.disconnect();
    }
  }

  async #reach(place, end) {
    const deadline = performance.now() + CATCH_UP_MS;
    // Only partitions of which we read something; others hold nothing of this run.
    const isBehind = () => (this.#positions.get(place) ?? end) < end;
    while (isBehind() && performance.now() < deadline && !this.signal.aborted) await delay(10);
  }
}

module.exports = { TaskSource, Worker, Dashboard };
