// What comes from the hub, and how the connection to it is.

import { StatusClient } from './client/index.mjs';

const RETRY_MS = 5_000;

/**
 * `onItem` is told of what there was already, when the page is opened or comes back, `onUpdate` and `onRemove` of what happens.
 *
 * @param {{ onState: (state: 'connecting' | 'loading' | 'live' | 'waiting' | 'ended', words: string) => void,
 *   onItem: (update: object) => void, onUpdate: (update: object) => void, onRemove: (removal: object) => void }} page
 */
export function follow(page) {
  const client = new StatusClient('/status', { backoff: { maxMs: RETRY_MS } });
  const updates = client.subscribe('*');
  let wasLost = false;
  let pending = [];

  /** A snapshot comes as updates and then, in the same turn, the event: only then it is known what they were. */
  function flush(onUpdate) {
    const changes = pending;
    pending = [];
    for (const change of changes) {
      if (change.type === 'remove') page.onRemove(change);
      else onUpdate(change);
    }
  }
  function add(change) {
    if (pending.length === 0) queueMicrotask(() => flush(page.onUpdate));
    pending.push(change);
  }
  updates.on('update', add);
  updates.on('remove', add);
  updates.on('snapshot', () => {
    flush(page.onItem);
    page.onState('live', 'Live');
  });
  updates.on('error', ({ message, retriable }) => {
    if (retriable) page.onState('loading', `Waiting: ${message}`);
    else page.onState('ended', `Ended: ${message}`);
  });

  function tell({ state, error }) {
    if (state === 'open') page.onState('loading', 'Loading');
    else if (state === 'closed') page.onState('ended', `Ended: ${error?.message ?? 'closed'}`);
    else if (navigator.onLine === false) page.onState('waiting', 'Offline');
    else if (state === 'waiting' || wasLost) page.onState('waiting', 'Reconnecting');
    else page.onState('connecting', 'Connecting');
    wasLost ||= state === 'waiting';
  }
  client.on('state', tell);
  tell({ state: client.state });
}
