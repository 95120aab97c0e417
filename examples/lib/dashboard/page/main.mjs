// The live page: what StatusHub sends, as figures, charts and a table.

import { Chart } from './chart.mjs';
import { Entities } from './entities.mjs';
import { follow } from './feed.mjs';
import { Filter } from './filter.mjs';
import { Table } from './table.mjs';
import { duration, number } from './text.mjs';
import { Timeline } from './timeline.mjs';

const MAX_ENTITIES = 5_000;
const MAX_ROWS = 100;
const SECONDS = 60;
/** An eye follows ten pictures of numbers a second, and order that changes once a second. */
const DRAW_MS = 100;
const ORDER_MS = 1_000;

const byId = (id) => document.getElementById(id);

const entities = new Entities(MAX_ENTITIES);
const timeline = new Timeline(SECONDS);
const table = new Table(byId('rows'));
const filter = new Filter({ onChange: reorder, announce });
const charts = [
  new Chart(byId('chart-rate'), {
    title: 'Updates per second',
    lowest: 10,
    format: number,
    series: [{ name: 'updates', of: ({ count }) => count }],
  }),
  new Chart(byId('chart-latency'), {
    title: 'Latency from Kafka',
    lowest: 10,
    format: duration,
    series: [
      { name: 'p50', of: ({ p50 }) => p50 },
      { name: 'p99', of: ({ p99 }) => p99 },
    ],
  }),
];

/** What is shown while the page is paused. */
let frozen = null;
let behind = 0;
let isDue = false;
let orderIsDue = false;
let orderTimer = null;
let drawnAt = -Infinity;
let orderedAt = -Infinity;

function write(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

function announce(text) {
  byId('announcement').textContent = text;
}

/** One draw an animation frame at most, however much comes. */
function changed() {
  if (isDue) return;
  isDue = true;
  const wait = drawnAt + DRAW_MS - performance.now();
  if (wait > 0) setTimeout(requestAnimationFrame, wait, draw);
  else requestAnimationFrame(draw);
}

function reorder() {
  orderIsDue = true;
  drawnAt = -Infinity;
  changed();
}

function draw(now) {
  isDue = false;
  drawnAt = now;
  if (frozen !== null) write(byId('behind'), `Paused, ${number(behind)} updates behind`);
  if (frozen === null || orderIsDue) drawEntities(now);
}

function drawEntities(now) {
  const view = frozen ?? entities;
  const isStale = !table.refresh();
  if (orderIsDue || isStale || now - orderedAt >= ORDER_MS) {
    clearTimeout(orderTimer);
    orderTimer = null;
    orderIsDue = false;
    orderedAt = now;
    order(view);
  } else {
    orderTimer ??= setTimeout(reorder, orderedAt + ORDER_MS - now);
  }
  write(byId('tile-entities'), number(view.size));
  for (const kind of ['running', 'done', 'failed']) {
    write(byId(`tile-${kind}`), number(view.counts[kind]));
  }
}

function order(view) {
  const { list, count } = view.select(MAX_ROWS, filter.matches);
  table.show(list);
  const all = count === view.size ? '' : ` of ${number(view.size)}`;
  const first = count > list.length ? `, the last ${number(list.length)} shown` : '';
  write(byId('shown'), `${number(count)}${all}${first}`);
  const empty = byId('empty');
  empty.hidden = count > 0;
  if (count === 0) {
    write(empty, view.size === 0 ? 'Waiting for the first update' : 'Nothing matches the filter');
  }
  filter.found(count);
}

function drawTimeline() {
  if (frozen !== null) return;
  const points = timeline.points(Date.now());
  const { count, p50, p99 } = points.at(-1);
  write(byId('tile-rate'), number(count));
  write(byId('tile-p50'), duration(p50));
  write(byId('tile-p99'), duration(p99));
  for (const chart of charts) chart.draw(points);
  // Moving colours are for a few changes at a time.
  byId('rows').classList.toggle('eases', count < 100);
}

function setPaused(isPaused) {
  frozen = isPaused ? entities.freeze() : null;
  behind = 0;
  byId('pause').setAttribute('aria-checked', String(isPaused));
  byId('behind').hidden = !isPaused;
  write(byId('behind'), isPaused ? 'Paused' : '');
  announce(isPaused ? 'Paused' : 'Following live');
  drawTimeline();
  reorder();
}

byId('pause').addEventListener('click', () => setPaused(frozen === null));

follow({
  onState(state, words) {
    byId('state').dataset.state = state;
    write(byId('state'), words);
  },
  onReset() {
    entities.clear();
    changed();
  },
  onItem(item) {
    entities.put(item);
    changed();
  },
  onUpdate(update) {
    const now = Date.now();
    const latency = Math.max(0, now - update.time);
    timeline.add(now, latency);
    entities.put(update, latency);
    behind += 1;
    changed();
  },
  onRemove(update) {
    timeline.add(Date.now(), Math.max(0, Date.now() - update.time));
    entities.remove(update.channel);
    behind += 1;
    changed();
  },
});

drawTimeline();
setInterval(() => {
  // A page that nobody sees draws no frames: what asks for one would pile up.
  if (!document.hidden) requestAnimationFrame(drawTimeline);
}, 1_000);
