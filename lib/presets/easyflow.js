'use strict';

// EasyFlow's backend/utils/kafkaService.js.

const { KafkaService: CatalogService } = require('../service/kafka-service');
const { loadCatalog } = require('../service/catalog/load');
const shared = require('../service/shared-service');

const CATALOG = 'easyflow';
const defaults = Object.freeze({ clientId: 'easyflow', brokers: ['localhost:9092'] });

/** `{ AUTOMATION_TASKS: 'automation-tasks', … }` */
const TOPICS = loadCatalog(CATALOG).constants();

/** Groups of the catalog that a subscription without a group of its own, or of the configuration, is in. */
const WORKERS = 'easyflow-workers';
const API = 'easyflow-api';
const DASHBOARD = 'easyflow-dashboard';

const now = () => new Date().toISOString();

/** The service with EasyFlow's messages: what a message has to have and the caller does not give is filled in. */
class KafkaService extends CatalogService {
  constructor(options) {
    super({ catalog: CATALOG, defaults, ...options });
  }

  /** `{ taskId, type, payload }`, pending from now on unless it says otherwise. */
  publishTask(task, options) {
    const message = { status: 'pending', createdAt: now(), ...task };
    return this.publishEvent(TOPICS.AUTOMATION_TASKS, message, undefined, options);
  }

  /** `{ taskId, status, result | error }` */
  publishResult(result, options) {
    const message = { completedAt: now(), ...result };
    return this.publishEvent(TOPICS.AUTOMATION_RESULTS, message, undefined, options);
  }

  /** `{ workflowId, status, … }` */
  publishWorkflowEvent(event, options) {
    const message = { timestamp: now(), ...event };
    return this.publishEvent(TOPICS.WORKFLOW_EVENTS, message, undefined, options);
  }

  /** `{ entityId, entityType, status, message }` */
  publishStatusUpdate(update, options) {
    const message = { timestamp: now(), ...update };
    return this.publishEvent(TOPICS.STATUS_UPDATES, message, undefined, options);
  }

  /** For worker services: a task goes to one of them. */
  subscribeToTasks(handler, options) {
    return this.#subscribe(TOPICS.AUTOMATION_TASKS, WORKERS, handler, options);
  }

  subscribeToResults(handler, options) {
    return this.#subscribe(TOPICS.AUTOMATION_RESULTS, API, handler, options);
  }

  subscribeToWorkflowEvents(handler, options) {
    return this.#subscribe(TOPICS.WORKFLOW_EVENTS, API, handler, options);
  }

  subscribeToStatusUpdates(handler, options) {
    return this.#subscribe(TOPICS.STATUS_UPDATES, DASHBOARD, handler, options);
  }

  #subscribe(topic, group, handler, { groupId, ...policies } = {}) {
    const chosen = groupId ?? this.configuration.groupId ?? group;
    return this.subscribe(topic, chosen, handler, policies);
  }
}

/**
 * The service of this process: the same options give the same one, until its shutdown().
 *
 * @param {object} [options] see KafkaService
 */
function getKafkaService(options) {
  return shared.getKafkaService({ ...options }, KafkaService);
}

module.exports = { getKafkaService, KafkaService, TOPICS };
