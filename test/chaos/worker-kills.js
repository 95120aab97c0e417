'use strict';

// Tasks flow through workers that are processes; at random moments one of them is killed by SIGKILL and a new one takes its
// place. At the end a table of the database says how often each task was done.

const { Pool } = require('pg');
const { Kafka, logLevel } = require('../../lib');
const {
  getKafkaService,
  getKafkaConfig,
  webCrawlRequestMessage,
} = require('../../lib/presets/task-manager');
const { seededRandom } = require('./random');
const { WorkerProcess } = require('./worker-process');

const CHUNK = 50;
/** So many tasks at most are sent and not begun: they flow, they are not there all at once. */
const AHEAD = 500;
const LOOK_MS = 200;
/** Nothing done for so long: it hangs. */
const STALL_MS = 120_000;

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

class WorkerKills {
  #env;
  #random;
  #workers = new Set();
  /** Numbers of begun tasks at which a worker is killed, ascending. */
  #killAt;
  #ends = [];
  #failure = null;
  #isEnding = false;
  #counts = { begun: 0, done: 0, duplicate: 0 };
  #begun = new Set();
  #killed = 0;
  #killedAmidTask = 0;

  constructor(options) {
    Object.assign(this, options);
    const { bootstrap, topic, group, table, seed, tasks, kills } = this;
    this.#env = {
      KAFKA_BROKERS: bootstrap,
      KAFKA_BOOTSTRAP_SERVERS: '',
      KAFKA_CLIENT_PROPERTIES: '',
      KAFKA_LOG_LEVEL: 'ERROR',
      KAFKA_GROUP_ID: group,
      KAFKA_SESSION_TIMEOUT: String(this.sessionTimeoutMs),
      KAFKA_HEARTBEAT_INTERVAL: String(Math.floor(this.sessionTimeoutMs / 6)),
      WEB_CRAWL_REQUEST_TOPIC: topic,
      TASKS_DATABASE: this.connectionString,
      TASKS_TABLE: table,
      LEASE_MS: String(this.leaseMs),
      IDEMPOTENCY: this.idempotency ? 'on' : 'off',
    };
    this.#random = seededRandom(seed);
    // Not before the first tasks and not after the last ones: while they flow.
    const at = () => Math.ceil(tasks * (0.02 + 0.93 * this.#random()));
    this.#killAt = Array.from({ length: kills }, at).sort((a, b) => a - b);
  }

  async run() {
    const startedAt = Date.now();
    const pool = new Pool({ connectionString: this.connectionString });
    pool.on('error', () => {}); // an idle connection that breaks: the next query says so
    const { kafka: options } = getKafkaConfig({ env: this.#env, file: null });
    const admin = new Kafka({ ...options, logLevel: logLevel.NOTHING }).admin();
    try {
      await pool.query(`CREATE TABLE ${this.table} (id text PRIMARY KEY, done integer NOT NULL)`);
      await admin.connect();
      await admin.createTopics({
        topics: [{ topic: this.topic, numPartitions: this.partitions }],
        waitForLeaders: true,
      });
      for (let number = 0; number < this.workers; number += 1) this.#startWorker();
      await this.#publish();
      await this.#untilEveryTask(pool);
      await this.#untilAllIsRead(admin);
      await this.#endWorkers();
      return { ...(await this.#result(pool)), elapsedMs: Date.now() - startedAt };
    } finally {
      this.#isEnding = true;
      for (const worker of this.#workers) worker.kill('SIGKILL');
      await Promise.all(this.#ends);
      await admin.disconnect();
      await pool.end();
    }
  }

  // ── Workers ───────────────────────────────────────────────────────────────────────────────────────────────────────

  #startWorker() {
    const worker = new WorkerProcess(this.#env, (...line) => this.#onLine(...line));
    this.#workers.add(worker);
    const end = worker.ended.then((how) => {
      this.#workers.delete(worker);
      if (how === 'SIGKILL' && worker.inHand.size > 0) this.#killedAmidTask += 1;
      if (this.#isEnding) return;
      if (how !== 'SIGKILL')
        this.#failure ??= new Error(`A worker ended: ${how}\n${worker.errors}`);
      else this.#startWorker();
    });
    this.#ends.push(end);
  }

  #onLine(what, id) {
    if (what in this.#counts) this.#counts[what] += 1;
    if (what !== 'begun') return;
    this.#begun.add(id);
    if (this.#begun.size >= this.#killAt[0]) this.#killOne();
  }

  #killOne() {
    // One that is only starting has nothing to lose.
    const alive = [...this.#workers].filter(({ hasBegun }) => hasBegun);
    if (alive.length === 0) return; // with the next task, then
    this.#killAt.shift();
    const worker = alive[Math.floor(this.#random() * alive.length)];
    worker.kill('SIGKILL');
    // It is dead: the next kill is another one's.
    this.#workers.delete(worker);
    this.#killed += 1;
    this.log?.(`kill ${this.#killed} of ${this.kills}, ${this.#begun.size} tasks begun`);
  }

  /** They commit what they did, and leave. */
  async #endWorkers() {
    this.#isEnding = true;
    for (const worker of this.#workers) worker.kill('SIGTERM');
    await Promise.all(this.#ends);
  }

  // ── Tasks ─────────────────────────────────────────────────────────────────────────────────────────────────────────

  async #publish() {
    const service = getKafkaService({ env: this.#env, file: null });
    try {
      for (let first = 0; first < this.tasks; first += CHUNK) {
        await this.#waitFor(() => first - this.#begun.size < AHEAD);
        const numbers = Array.from(
          { length: Math.min(CHUNK, this.tasks - first) },
          (_, index) => first + index,
        );
        await Promise.all(numbers.map((number) => this.#publishTask(service, number)));
      }
    } finally {
      await service.shutdown();
    }
  }

  #publishTask(service, number) {
    const request = {
      userEmail: 'user@example.com',
      userQuery: `Query ${number}`,
      originalUrl: 'https://example.com',
    };
    const message = webCrawlRequestMessage(request, { requestId: `task-${number}` });
    return service.publishEvent(this.topic, message);
  }

  #untilEveryTask(pool) {
    return this.#waitFor(async () => {
      const { rows } = await pool.query(`SELECT count(*)::int AS number FROM ${this.table}`);
      return rows[0].number >= this.tasks;
    });
  }

  /** What was delivered again is behind them too: nothing of it can be done later. */
  #untilAllIsRead(admin) {
    return this.#waitFor(async () => {
      const ends = await admin.fetchTopicOffsets(this.topic);
      const [{ partitions }] = await admin.fetchOffsets({
        groupId: this.group,
        topics: [this.topic],
      });
      const committed = new Map(partitions.map(({ partition, offset }) => [partition, offset]));
      return ends.every(({ partition, high }) => high === '0' || committed.get(partition) === high);
    });
  }

  /** Until it is true, as long as something goes on. */
  async #waitFor(condition) {
    let last = -1;
    let movedAt = Date.now();
    while (!(await condition())) {
      if (this.#failure !== null) throw this.#failure;
      const { begun, done, duplicate } = this.#counts;
      const told = begun + done + duplicate;
      if (told !== last) {
        last = told;
        movedAt = Date.now();
      } else if (Date.now() - movedAt > STALL_MS) {
        throw new Error(`Nothing happened for ${STALL_MS} ms: ${JSON.stringify(this.#counts)}`);
      }
      await pause(LOOK_MS);
    }
  }

  async #result(pool) {
    const { rows } = await pool.query(
      `SELECT count(*) FILTER (WHERE done = 1)::int AS once,
              count(*) FILTER (WHERE done > 1)::int AS "moreThanOnce" FROM ${this.table}`,
    );
    const [{ once, moreThanOnce }] = rows;
    return {
      once,
      moreThanOnce,
      lost: this.tasks - once - moreThanOnce,
      kills: this.#killed,
      killsAmidTask: this.#killedAmidTask,
      begunAgain: this.#counts.begun - this.#begun.size,
      duplicates: this.#counts.duplicate,
    };
  }
}

/**
 * @param {object} options
 * @param {string} options.bootstrap a real cluster @param {string} options.connectionString a real PostgreSQL
 * @param {number} options.tasks @param {number} options.kills
 * @param {number} options.seed says at which tasks which worker is killed
 * @param {number} [options.workers] at a time @param {number} [options.partitions]
 * @param {number} [options.sessionTimeoutMs] after which the brokers take a killed worker for dead
 * @param {number} [options.leaseMs] after which the store does
 * @param {boolean} [options.idempotency] false: to see that it is what absorbs the duplicates
 * @param {(line: string) => void} [options.log]
 * @returns {Promise<{ once: number, moreThanOnce: number, lost: number, kills: number, killsAmidTask: number,
 *   begunAgain: number, duplicates: number, elapsedMs: number }>}
 */
function killWorkers(options) {
  const run = `${process.pid}_${Date.now()}`;
  return new WorkerKills({
    workers: 3,
    partitions: 12,
    sessionTimeoutMs: 6_000,
    leaseMs: 5_000,
    idempotency: true,
    topic: `chaos-requests-${run}`,
    group: `chaos-workers-${run}`,
    table: `chaos_tasks_${run}`,
    ...options,
  }).run();
}

module.exports = { killWorkers };
