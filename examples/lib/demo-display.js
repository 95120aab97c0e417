'use strict';

// What `npm run demo` shows while it runs: a small picture on a terminal, a line a second elsewhere.

const REFRESH_MS = 100;
const LINE_MS = 1_000;
const BAR = 24;

const ms = (value) => (Number.isNaN(value) ? '-' : value.toFixed(value < 10 ? 2 : 1));
const number = (value) => Math.round(value).toLocaleString('en-US');

function bar(share) {
  const full = Math.round(Math.min(share, 1) * BAR);
  return '█'.repeat(full) + '░'.repeat(BAR - full);
}

function row(topic, { received, due, latency }, seconds) {
  const [p50, p99] = [latency.percentile(0.5), latency.percentile(0.99)].map(ms);
  const cells = [number(received).padStart(9), `${number(received / seconds)}/s`.padStart(9)];
  return `${topic.padEnd(19)}${bar(received / due)}${cells.join('')}   p50 ${p50} ms, p99 ${p99} ms`;
}

class Display {
  #ledger;
  #out;
  #started = performance.now();
  #timer;
  #height = 0;
  #last = '';

  constructor(ledger, out = process.stdout) {
    this.#ledger = ledger;
    this.#out = out;
    const draw = out.isTTY ? () => this.#picture() : () => this.#line();
    this.#timer = setInterval(draw, out.isTTY ? REFRESH_MS : LINE_MS);
    if (!out.isTTY) this.#line();
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
    if (this.#out.isTTY) this.#picture();
    else this.#line();
  }

  #picture() {
    const width = this.#out.columns || 80;
    const rows = [...this.#ledger.topics].map(([topic, entry]) => row(topic, entry, this.seconds));
    rows.push(`last: ${this.#last}`);
    const up = this.#height > 0 ? `\x1b[${this.#height}A` : '';
    // A line that wraps would spoil the count of lines to go back.
    this.#out.write(up + rows.map((text) => `\x1b[2K${text.slice(0, width - 1)}\n`).join(''));
    this.#height = rows.length;
  }

  #line() {
    const counts = [...this.#ledger.topics].map(([name, { received }]) => `${name} ${received}`);
    this.#out.write(`${this.seconds.toFixed(1).padStart(5)} s  ${counts.join(', ')}\n`);
  }
}

/** The closing table and the verdict. */
function summary(ledger, seconds) {
  const head =
    'topic'.padEnd(19) +
    ['sent', 'received', 'per second', 'p50 ms', 'p99 ms'].map((c) => c.padStart(12)).join('');
  const rows = [...ledger.topics].map(([topic, { sent, received, latency }]) => {
    const cells = [
      number(sent),
      number(received),
      number(received / seconds),
      ms(latency.percentile(0.5)),
      ms(latency.percentile(0.99)),
    ];
    return topic.padEnd(19) + cells.map((cell) => cell.padStart(12)).join('');
  });
  const total = `${number(ledger.received)} messages in ${seconds.toFixed(2)} s: ${number(ledger.received / seconds)} per second.`;
  const latency = 'Latency is from the send() call to the consumer callback.';
  return ['', head, ...rows, '', `${total} ${latency}`].join('\n');
}

module.exports = { Display, summary };
