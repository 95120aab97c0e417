'use strict';

// How the live page looks: schemes, contrast, widths; and the demo itself.

const { Stage, Browser, hasStatus, isInState, screenshot } = require('./support/stage');
const { ExampleStage } = require('../unit/support/example-program');

/** Every text of the page that is seen with less contrast to what is behind it than WCAG's AA asks for. */
function weakTexts() {
  const channels = (color) => color.match(/[\d.]+/g).map(Number);
  const light = (value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);
  const luminance = ([red, green, blue]) =>
    0.2126 * light(red / 255) + 0.7152 * light(green / 255) + 0.0722 * light(blue / 255);
  const behind = (element) => {
    for (let at = element; at !== null; at = at.parentElement) {
      const color = channels(getComputedStyle(at).backgroundColor);
      if (color[3] === undefined || color[3] === 1) return color;
    }
    return [255, 255, 255];
  };
  const weak = [];
  for (const element of document.querySelectorAll('body *')) {
    const hasText = [...element.childNodes].some(
      (node) => node.nodeType === Node.TEXT_NODE && node.data.trim() !== '',
    );
    if (!hasText || !element.checkVisibility()) continue;
    const [one, two] = [channels(getComputedStyle(element).color), behind(element)].map(luminance);
    const contrast = (Math.max(one, two) + 0.05) / (Math.min(one, two) + 0.05);
    if (contrast < 4.5) weak.push(`${element.textContent.trim()}: ${contrast.toFixed(2)}`);
  }
  return weak;
}

describe('looks', () => {
  const stage = new Stage();
  beforeAll(async () => {
    await stage.open();
    await stage.report(
      ...['running', 'completed', 'failed', 'pending', 'on hold'].map((status, at) => [
        `look-${at}`,
        status,
        'a message',
      ]),
    );
  });
  afterAll(() => stage.close());
  afterEach(async () => {
    expect(await stage.browser.clear()).toEqual([]);
  });

  test.each(['light', 'dark'])('%s, with contrast for every text', async (colorScheme) => {
    const page = await stage.page({ colorScheme, reducedMotion: 'reduce' });
    await hasStatus(page, 'task/look-4', 'on hold');
    const background = await page.evaluate(
      () => getComputedStyle(document.documentElement).backgroundColor,
    );
    const [red] = background.match(/\d+/g).map(Number);
    expect(red > 128).toBe(colorScheme === 'light');
    expect(await page.evaluate(weakTexts)).toEqual([]);
  });

  test('on a telephone everything is there, and nothing is wider than the screen', async () => {
    const page = await stage.page({ viewport: { width: 390, height: 844 }, hasTouch: true });
    await hasStatus(page, 'task/look-0', 'running');
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
    await page.getByText('a message').first().waitFor();
    await page.getByRole('searchbox').waitFor();
    await page.getByRole('switch', { name: 'Pause' }).waitFor();
  });
});

describe('npm run demo', () => {
  const programs = new ExampleStage();
  const browser = new Browser();
  beforeAll(() => browser.open());
  afterAll(async () => {
    await programs.close();
    await browser.close();
  });

  test('serves the page while its tasks move, and ends with Ctrl-C as before', async () => {
    const args = ['--tasks', '100000', '--rate', '150', '--work-ms', '600'];
    const demo = programs.start('demo.js', args);
    await demo.until(({ stderr }) => /^Live page: (\S+)$/m.test(stderr), 'the address');
    const [, url] = /^Live page: (\S+)$/m.exec(demo.stderr);
    const pages = [];
    for (const [name, options] of [
      ['light', { colorScheme: 'light' }],
      ['dark', { colorScheme: 'dark' }],
      ['narrow', { viewport: { width: 390, height: 844 } }],
    ]) {
      const page = await browser.page(url, options);
      await isInState(page, 'live');
      pages.push([name, page]);
    }
    const [[, first]] = pages;
    const isMoving = () =>
      ['running', 'done', 'failed', 'rate'].every((name) =>
        /^[1-9]/.test(document.getElementById(`tile-${name}`).textContent),
      );
    await first.waitForFunction(isMoving);
    for (const [name, page] of pages) await screenshot(page, name);
    demo.kill('SIGINT');
    expect(`${await demo.ended()} ${demo.stderr}`).toMatch(/^0 /);
    expect(demo.stderr).not.toMatch(/Warning/);
    expect(demo.stdout).toMatch(/Interrupted after \d+ tasks; ended cleanly\.\n$/);
    await isInState(first, 'waiting');
  });
});
