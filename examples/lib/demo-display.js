'use strict';

// What `npm run demo` shows while it runs: a small picture on a terminal, a line a second elsewhere.

const REFRESH_MS = 100;
const LINE_MS = 1_000;
const NAME = 19;
const FIGURES = 40;
const LONGEST_BAR = 24;
const SHORTEST_BAR = 4;

/** Five characters, also for latencies of seconds: a figure that is longer would push the others out of the line. */
const digits = (value) => (value < 10 ? 2 : value < 999.95 ? 1 : 0);
const ms = (value) => (Number.isNaN(value) ? '-' : value.toFixed(digits(value)));
const number = (value) => Math.round(value).toLocaleString('en-US');

/** Whether `out` can go back and draw over what it shows. */
const canRedraw = (out) => Boolean(out.isTTY) && process.env.TERM !== 'dumb';

function bar(share, width) {
  const full = Math.round(Math.min(share, 1) * width);
  return '█'.repeat(full) + '░'.repeat(width - full);
}

function row(topic, { received, due, latency }, seconds, width) {
  const [p50, p99] = [0.5, 0.99].map((share) => ms(latency.percentile(share)).padStart(5));
  const rate = `${number(received / seconds)}/s`;
  const figures = `${number(received).padStart(7)}${rate.padStart(8)}  p50 ${p50}, p99 ${p99} ms`;
  // The figures matter more than the bar: it gets the room that they leave.
  const room = Math.min(LONGEST_BAR, width - NAME - FIGURES);
  const hasBar = due !== Infinity && room >= SHORTEST_BAR;
  const progress = hasBar ? bar(received / due, room) : '';
  return `${topic.padEnd(NAME)}${progress}${figures}`;
}

class Display {
  #ledger;
  #out;
  #started = performance.now();
  #timer;
  #shown = [];
  #last = '';

  constructor(ledger, out = process.stdout) {
    this.#ledger = ledger;
    this.#out = out;
    const draws = canRedraw(out);
    const draw = draws ? () => this.#picture() : () => this.#line();
    this.#timer = setInterval(draw, draws ? REFRESH_MS : LINE_MS);
    if (!draws) this.#line();
  }

  get seconds() {
    return (performance.now() - this.#started) / 1_000;
  }

  /** The newest status update. */
  note(text) {
    this.#last = text;
  }

  stop() {
    clearInterval(this.#timer);
    if (canRedraw(this.#out)) this.#picture();
    else this.#line();
  }

  #picture() {
    // A line that fills or passes the last column wraps, which would spoil the count of lines to go back.
    const width = (this.#out.columns || 80) - 1;
    const rows = [...this.#ledger.topics].map(([topic, entry]) =>
      row(topic, entry, this.seconds, width),
    );
    rows.push(`last: ${this.#last}`);
    const texts = rows.map((text) => text.slice(0, width));
    // In a window that became narrow the old picture has wrapped, or was cut: it stays, a new one begins below.
    const isWhole = this.#shown.every((text) => text.length <= width);
    const up = this.#shown.length > 0 && isWhole ? `\x1b[${this.#shown.length}A` : '';
    this.#out.write(up + texts.map((text) => `\x1b[2K${text}\n`).join(''));
    this.#shown = texts;
  }

  #line() {
    const counts = [...this.#ledger.topics].map(([name, { received }]) => `${name} ${received}`);
    this.#out.write(`${this.seconds.toFixed(1).padStart(5)} s  ${counts.join(', ')}\n`);
  }
}

/** The closing table and the verdict. */
function summary(ledger, seconds) {
  const table = [['topic', 'sent', 'received', 'per s', 'p50 ms', 'p99 ms']];
  for (const [topic, { sent, received, latency }] of ledger.topics) {
    const [p50, p99] = [0.5, 0.99].map((share) => ms(latency.percentile(share)));
    table.push([topic, number(sent), number(received), number(received / seconds), p50, p99]);
  }
  const widths = table[0].map((_, at) => Math.max(...table.map((cells) => cells[at].length)));
  const lines = table.map(([topic, ...cells]) =>
    [topic.padEnd(widths[0]), ...cells.map((cell, at) => cell.padStart(widths[at + 1]))].join('  '),
  );
  const total = `${number(ledger.received)} messages in ${seconds.toFixed(2)} s: ${number(ledger.received / seconds)} per second.`;
  const latency = 'Latency is from the send() call to the consumer callback.';
  return ['', ...lines, '', total, latency].join('\n');
}

module.exports = { Display, summary };
