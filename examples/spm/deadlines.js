'use strict';

// What is known of the deadline of each task, and what was said about it.

const APPROACHING = 'deadline_approaching';
const OVERDUE = 'deadline_overdue';
const THREE_DAYS_MS = 3 * 24 * 60 * 60 * 1_000;

/** The rule by which the catalog keys these events. */
const taskIdOf = ({ task_id, schedule_id, id }) => task_id ?? schedule_id ?? id;

/**
 * @typedef {{ schedule: { deadline: string }, said: string[] }} Known `said`: the events that were published about its deadline
 *
 * @param {Known | undefined} known
 * @param {string} type @param {object} data of an event on the topic of schedules
 * @returns {Known | null | undefined} after that event; null: nothing any more; undefined: it changes nothing
 */
function after(known, type, data) {
  if (type === 'schedule_deleted') return known && null;
  if (type !== 'schedule_created' && type !== 'schedule_updated') return undefined;
  const schedule = { ...known?.schedule, ...data };
  if (!Number.isFinite(Date.parse(schedule.deadline))) return undefined;
  const isSame = Date.parse(schedule.deadline) === Date.parse(known?.schedule.deadline);
  return { schedule, said: isSame ? known.said : [] };
}

/** The event that has to be published about a deadline now; null: none. */
function due({ schedule, said }, now) {
  const deadline = Date.parse(schedule.deadline);
  if (now < deadline - THREE_DAYS_MS) return null;
  const type = now < deadline ? APPROACHING : OVERDUE;
  return said.includes(type) ? null : type;
}

module.exports = { taskIdOf, after, due };
