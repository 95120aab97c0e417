'use strict';

// The live page on an embedded broker, behind a line that can be cut, in the suite's Chromium.

const fs = require('node:fs');
const path = require('node:path');
const { chromium } = require('playwright-core');
const { EmbeddedKafka, Kafka, logLevel } = require('../../../lib');
const { LivePage } = require('../../../examples/lib/dashboard/live-page');
const { statusUpdate, toMessage, TOPICS } = require('../../../examples/lib/messages');
const { reports } = require('../../../scripts/lib/suites');
const { Line } = require('./line');

const WAIT_MS = 120_000; // for a failure only

/** What a page must not do: scripts that fail, errors in the console (a breach of its policy is one), dialogs. */
function watch(page, complaints) {
  page.on('pageerror', (error) => complaints.push(`error: ${error.message}`));
  page.on('dialog', async (dialog) => {
    complaints.push(`dialog: ${dialog.message()}`);
    await dialog.dismiss();
  });
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(`console: ${message.text()}`);
  });
}

/** Chromium, and pages of it that are closed after each test. */
class Browser {
  #browser;
  #contexts = [];
  complaints = [];

  async open() {
    this.#browser = await chromium.connect(process.env.EASYFLOW_TEST_CHROMIUM);
  }

  /** @param {string} url @param {object} [options] of Playwright's newContext() */
  async page(url, options = {}) {
    const context = await this.#browser.newContext({
      viewport: { width: 1280, height: 800 },
      ...options,
    });
    this.#contexts.push(context);
    context.setDefaultTimeout(WAIT_MS);
    const page = await context.newPage();
    watch(page, this.complaints);
    await page.goto(url);
    return page;
  }

  /** Closes the pages. @returns {string[]} what they complained of */
  async clear() {
    for (const context of this.#contexts.splice(0)) await context.close();
    return this.complaints.splice(0);
  }

  async close() {
    await this.#browser?.close();
  }
}

/** A broker, a hub and the page. */
class Stage {
  browser = new Browser();

  async open() {
    this.broker = await EmbeddedKafka.start({ topics: Object.values(TOPICS), partitions: 4 });
    this.kafka = new Kafka({ brokers: this.broker.brokers, logLevel: logLevel.NOTHING });
    this.producer = this.kafka.producer();
    await this.producer.connect();
    this.live = await LivePage.start(this.kafka, { hubOptions: { from: 'beginning' } });
    this.line = await Line.to(Number(new URL(this.live.url).port));
    await this.browser.open();
  }

  async close() {
    await this.browser.close();
    await this.line?.close();
    await this.live?.close();
    await this.producer?.disconnect();
    await this.broker?.stop();
  }

  /** A page on the line that has what the hub has. */
  async page(options) {
    const page = await this.browser.page(`http://127.0.0.1:${this.line.port}/`, options);
    await isInState(page, 'live');
    return page;
  }

  /** @param {[taskId: string, status: string, message?: string][]} changes */
  async report(...changes) {
    await this.producer.send({
      topic: TOPICS.status,
      messages: changes.map(([taskId, status, message = '']) =>
        toMessage(taskId, statusUpdate(taskId, status, message)),
      ),
    });
  }
}

const isInState = (page, state) => page.locator(`#state[data-state="${state}"]`).waitFor();

/** The row of an entity. */
const rowOf = (page, name) =>
  page.getByRole('row').filter({ has: page.getByRole('rowheader', { name, exact: true }) });

/** Resolves when the row shows the status. */
const hasStatus = (page, name, status) =>
  rowOf(page, name).getByText(status, { exact: true }).waitFor();

/** Resolves when the text of the element is this. */
const reads = (page, selector, text) =>
  page.waitForFunction(
    ([where, what]) => document.querySelector(where)?.textContent === what,
    [selector, text],
  );

async function screenshot(page, name) {
  fs.mkdirSync(reports, { recursive: true });
  await page.screenshot({ path: path.join(reports, `live-page-${name}.png`) });
}

module.exports = { Stage, Browser, isInState, rowOf, hasStatus, reads, screenshot };
