'use strict';

// The live page of the demo in a real browser, on the real hub.

const { Stage, hasStatus, isInState, reads, rowOf } = require('./support/stage');

const stage = new Stage();
beforeAll(() => stage.open());
afterAll(() => stage.close());
afterEach(async () => {
  const complaints = await stage.browser.clear();
  // A cut line is an error in the console, too.
  expect(complaints.filter((text) => !/WebSocket connection to .* failed/.test(text))).toEqual([]);
});

/** Moves the focus with Tab alone until it is on the element. */
async function tabTo(page, target) {
  for (let presses = 0; presses < 20; presses += 1) {
    await page.keyboard.press('Tab');
    if (await target.evaluate((element) => element === document.activeElement)) return;
  }
  throw new Error('Tab did not lead there');
}

describe('what it shows', () => {
  test('what was reported before it was opened, then each change as it comes', async () => {
    await stage.report(
      ['early-1', 'running', 'one'],
      ['early-2', 'failed', 'exit code 1'],
      ['early-1', 'completed', 'all done'],
    );
    const page = await stage.page();
    await hasStatus(page, 'task/early-1', 'completed');
    await rowOf(page, 'task/early-2').getByText('exit code 1').waitFor();

    await stage.report(['live-1', 'running', 'begun']);
    await hasStatus(page, 'task/live-1', 'running');
    await reads(page, '#tile-running', '1');
    await stage.report(['live-1', 'completed', 'ended']);
    await hasStatus(page, 'task/live-1', 'completed');
    await rowOf(page, 'task/live-1').getByText('ended').waitFor();
    await reads(page, '#tile-running', '0');
    const newest = page.getByRole('rowheader', { name: 'task/live-1', exact: true });
    await page.locator('#rows tr').first().filter({ has: newest }).waitFor();
  });

  test('rates and latencies of what comes, in tiles and charts with names', async () => {
    const page = await stage.page();
    const isDrawn = page.waitForFunction(() => {
      const words = (id) => document.querySelector(`#${id} svg`).getAttribute('aria-label');
      return (
        /updates [1-9]/.test(words('chart-rate')) &&
        /p50 [\d.]+ m?s, p99 [\d.]+ m?s/.test(words('chart-latency')) &&
        /^[1-9]/.test(document.getElementById('tile-rate').textContent) &&
        /^[\d.]+ m?s$/.test(document.getElementById('tile-p99').textContent)
      );
    });
    const flow = setInterval(() => stage.report(['rate-1', 'running']), 50);
    try {
      await isDrawn;
    } finally {
      clearInterval(flow);
    }
    await page.getByRole('img', { name: /^Updates per second, now:/ }).waitFor();
    await page.getByRole('img', { name: /^Latency from Kafka, now:/ }).waitFor();
  });
});

describe('a connection that is cut', () => {
  test('is told, comes back by itself, and nothing that happened meanwhile is missing', async () => {
    const ids = Array.from({ length: 60 }, (_, at) => `cut-${at}`);
    const page = await stage.page();
    await stage.report(...ids.slice(0, 30).map((id) => [id, 'running']));
    await hasStatus(page, 'task/cut-0', 'running');

    stage.line.cut();
    await isInState(page, 'waiting');
    expect(await page.getByRole('status').first().textContent()).toMatch(/^Reconnecting/);
    await stage.report(...ids.map((id) => [id, 'completed', 'while away']));
    await rowOf(page, 'task/cut-0').getByText('running').waitFor(); // the last that it knows
    stage.line.mend();

    await isInState(page, 'live');
    await page.getByLabel('Filter by entity, status or message').fill('task/cut-');
    await page.waitForFunction(() => document.querySelectorAll('#rows tr').length === 60);
    for (const id of ids) await hasStatus(page, `task/${id}`, 'completed');
    await stage.report(['cut-0', 'running', 'again']);
    await hasStatus(page, 'task/cut-0', 'running');
  });
});

describe('hostile payloads', () => {
  const MARKUP = '<img src=x onerror="window.ran = 1"><script>window.ran = 2</script>';

  test('are text: no element, no script, no dialog comes of them', async () => {
    const page = await stage.page();
    const id = `</td></tr></table></script><b>bold</b>${MARKUP}`;
    await stage.report([id, MARKUP.slice(0, 30), `"'\`\${alert(1)} javascript:alert(1) ${MARKUP}`]);
    const row = rowOf(page, `task/${id.replaceAll('/', '%2F')}`); // as the hub names channels
    await row.waitFor();
    expect(await row.locator('.message').textContent()).toContain(MARKUP);
    expect(await row.locator('.status').textContent()).toBe(MARKUP.slice(0, 30));
    const inside = await row.evaluate((element) => {
      const names = [...element.querySelectorAll('*')].map(({ tagName }) => tagName.toLowerCase());
      return [...new Set(names)].sort();
    });
    expect(inside).toEqual(['bdi', 'td', 'th']);
    expect(await page.evaluate(() => window.ran)).toBeUndefined();
  });

  test('marks that turn or hide text are shown as what they are', async () => {
    const page = await stage.page();
    await stage.report([
      'rtl-\u202e001-ksat',
      'ok\u0000\u2066',
      'a\u202eb\nc \u05e9\u05dc\u05d5\u05dd',
    ]);
    const row = rowOf(page, 'task/rtl-‹U+202E›001-ksat');
    await row.waitFor();
    expect(await row.locator('.status').textContent()).toBe('ok‹U+0000›‹U+2066›');
    expect(await row.locator('.message').textContent()).toBe('a‹U+202E›b‹U+000A›c שלום');
  });

  test('long ones and odd ones neither stretch nor break the table', async () => {
    const page = await stage.page();
    await stage.report(['long', 'x'.repeat(10_240), '🜁'.repeat(5_120)]);
    const row = rowOf(page, 'task/long');
    await row.waitFor();
    expect(await row.locator('.message').textContent()).toMatch(/^(🜁)+… \(10,240 characters\)$/u);
    expect((await row.boundingBox()).height).toBeLessThan(60);
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    expect(width).toBe(1280);

    const odd = { entityType: 'task', entityId: 'odd', status: { a: [1] }, message: null };
    await stage.producer.send({
      topic: 'status-updates',
      messages: [{ key: 'odd', value: JSON.stringify(odd) }],
    });
    await hasStatus(page, 'task/odd', '{"a":[1]}');
  });

  test('could not run anyway: the policy allows neither inline scripts nor other origins nor HTML from text', async () => {
    const page = await stage.page();
    const response = await page.reload();
    const policy = response.headers()['content-security-policy'];
    expect(policy).toContain("default-src 'none'; script-src 'self';");
    expect(policy).not.toMatch(/unsafe|data:|https?:|\*/);
    const told = page.waitForEvent('console', (message) => /TrustedHTML/.test(message.text()));
    const refused = await page.evaluate(() => {
      try {
        document.body.insertAdjacentHTML('beforeend', '<b>x</b>');
        return 'taken';
      } catch (error) {
        return error.name;
      }
    });
    expect(refused).toBe('TypeError');
    await told;
    expect((await stage.browser.clear()).join()).toMatch(/TrustedHTML/);
  });
});

describe('by keyboard alone', () => {
  test('pause holds what is shown, counts what comes, and going on shows it', async () => {
    const page = await stage.page();
    await stage.report(['pause-1', 'running']);
    await hasStatus(page, 'task/pause-1', 'running');
    const pause = page.getByRole('switch', { name: 'Pause' });
    await tabTo(page, pause);
    await page.keyboard.press('Space');
    await page.getByRole('switch', { name: 'Pause', checked: true }).waitFor();
    await reads(page, '#announcement', 'Paused');

    await stage.report(['pause-1', 'completed'], ['pause-2', 'running']);
    await reads(page, '#behind', 'Paused, 2 updates behind');
    await hasStatus(page, 'task/pause-1', 'running');
    expect(await rowOf(page, 'task/pause-2').count()).toBe(0);

    // The filter finds what there was, too.
    await page.getByRole('searchbox').fill('pause-');
    await page.waitForFunction(() => document.querySelectorAll('#rows tr').length === 1);
    await hasStatus(page, 'task/pause-1', 'running');
    await pause.focus();
    await page.keyboard.press('Enter');
    await page.getByRole('switch', { name: 'Pause', checked: false }).waitFor();
    await hasStatus(page, 'task/pause-1', 'completed');
    await hasStatus(page, 'task/pause-2', 'running');
    await page.locator('#behind').waitFor({ state: 'hidden' });
  });

  test('the filter leaves what matches, now and later, and says how much that is', async () => {
    const page = await stage.page();
    await stage.report(['fig-1', 'running'], ['fig-2', 'failed'], ['plum-1', 'running', 'a fig']);
    await hasStatus(page, 'task/plum-1', 'running');
    await tabTo(page, page.getByRole('searchbox'));
    await page.keyboard.type('FIG');
    await rowOf(page, 'task/fig-1').waitFor();
    await page.waitForFunction(() => document.querySelectorAll('#rows tr').length === 3);
    await reads(page, '#announcement', '3 found');
    await stage.report(['fig-3', 'running'], ['plum-2', 'running']);
    await hasStatus(page, 'task/fig-3', 'running');
    expect(await rowOf(page, 'task/plum-2').count()).toBe(0);

    await page.keyboard.press('Shift+Tab');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowRight');
    await page.getByRole('radio', { name: 'Failed', checked: true }).waitFor();
    await page.waitForFunction(() => document.querySelectorAll('#rows tr').length === 1);
    await rowOf(page, 'task/fig-2').waitFor();

    await page.keyboard.press('Tab');
    await page.keyboard.type(' and nothing else');
    await reads(page, '#empty', 'Nothing matches the filter');
  });
});
