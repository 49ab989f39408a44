// The report in a real browser, opened from disk: it loads nothing, filters, shows a case, and can
// be used by keyboard alone, in the dark and on a phone.
import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {after, before, test} from 'node:test';
import {fileURLToPath, pathToFileURL} from 'node:url';

import {launch} from './browser.mjs';

const REPORTS = fileURLToPath(new URL('..', import.meta.url));
const PYTHON = process.env.WSPROOF_PYTHON || 'python3';
const WSPROOF = process.env.WSPROOF;
const HOSTILE = '</script><img src=x onerror=alert(1)><b>bold</b>';
const BENCH = {
  plots: [{title: 'Masking', svg: '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9">' +
    '<script>alert(1)</script><image href="http://wsproof.invalid/x.png"/></svg>'}],
  ratios: [{name: 'Masking, 64 KiB', ours: 12, peer: 10, ratio: 1.2, unit: 'GB/s'}],
};

let folder;
let browser;

function python(script, ...args) {
  execFileSync(PYTHON, [join(REPORTS, script), ...args], {stdio: ['ignore', 'ignore', 'inherit']});
}

function render(name, runs, ...more) {
  execFileSync(WSPROOF, ['report', ...runs.map((run) => join(folder, 'runs', run)),
    '-o', join(folder, name), ...more], {stdio: ['ignore', 'ignore', 'inherit']});
}

/// Changes a run file and writes it under another name.
function alter(from, to, change) {
  const run = JSON.parse(readFileSync(join(folder, 'runs', from)));
  change(run);
  writeFileSync(join(folder, 'runs', to), JSON.stringify(run));
}

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'wsproof-report-'));
  python('fake_runs.py', join(folder, 'runs'));
  writeFileSync(join(folder, 'bench.json'), JSON.stringify(BENCH));
  render('all.html', readdirSync(join(folder, 'runs')), '--bench', join(folder, 'bench.json'));
  render('passed.html', ['wsproof-server.json', 'wsproof-client.json']);
  render('docs.html', ['wsproof-server.json'], '--docs', 'https://wsproof.invalid/cases/');
  python('fake_runs.py', join(folder, 'large'), '--large');
  render('large.html', readdirSync(join(folder, 'large')).map((name) => join('..', 'large', name)));
  render('not_run.html', ['thirdws-client.json']);
  alter('wsproof-server.json', 'hostile.json', (run) => {
    const one = run.cases['1.1.1'];
    Object.assign(one, {verdict: 'FAILED', passed: false});  // else the wire log is shortened
    run.implementation.name = run.implementation.target = run.reproduce = HOSTILE;
    one.title = one.result = one.remote_close_reason = one.handshake.request = HOSTILE;
    one.wire_log = [
      {kind: 'note', text: HOSTILE},
      {kind: 'frame_in', opcode: 1, fin: true, rsv: 0, masked: false, masking_key: null,
        length: 4, hex: 'ff80c328'},
      {kind: 'octets_in', length: 1 << 20, hex: '41'.repeat(1 << 14)},
      ...Array.from({length: 1000}, () => ({kind: 'frame_out', opcode: 0, fin: false, rsv: 5,
        masked: true, masking_key: null, length: 0, hex: ''})),
    ];
  });
  render('hostile.html', ['hostile.json']);
  alter('hostile.json', 'shortened.json', (run) => {
    Object.assign(run.cases['1.1.1'], {verdict: 'OK', passed: true});
  });
  render('shortened.html', ['shortened.json']);
  browser = await launch();
});

after(async () => {
  await browser?.close();
  rmSync(folder, {recursive: true, force: true});
});

/// A test with a page on a report; it fails if the page logs an error or asks for anything.
function pageTest(name, {report = 'all.html', hash = '', ...context}, body) {
  test(name, async () => {
    const tab = await browser.newContext({viewport: {width: 1280, height: 900}, ...context});
    const troubles = [];
    try {
      const page = await tab.newPage();
      const url = pathToFileURL(join(folder, report)).href;
      page.on('console', (message) => {
        if (['error', 'warning'].includes(message.type())) troubles.push(message.text());
      });
      page.on('pageerror', (error) => troubles.push(String(error)));
      page.on('dialog', (dialog) => {
        troubles.push(`dialog: ${dialog.message()}`);
        dialog.dismiss();
      });
      page.on('request', (request) => {
        const asked = request.url();
        if (!asked.startsWith('data:') && asked.split('#')[0] !== url) troubles.push(asked);
      });
      await page.goto(url + hash);
      await page.locator('table.matrix').waitFor();
      await body(page, url);
    } finally {
      await tab.close();
    }
    assert.deepEqual(troubles, []);
  });
}

const rows = (page) => page.locator('table.matrix tr:has(th.case):visible');
const ids = (page) => page.locator('th.case .id:visible').allTextContents();
const panel = (page) => page.locator('dialog[open]');
const hash = async (page) => new URL(page.url()).hash;

async function hasNoSidewaysScroll(page) {
  const [content, window] = await page.evaluate(() =>
    [document.documentElement.scrollWidth, document.documentElement.clientWidth]);
  assert.ok(content <= window, `content is ${content} wide, the window ${window}`);
}

pageTest('all passed is said in words, and sections are folded', {report: 'passed.html'},
  async (page) => {
    assert.match(await page.locator('h1').textContent(), /^All 1,034 results passed/);
    assert.match(await page.title(), /^Passed/);
    assert.equal(await page.locator('.fold').count(), 11);
    assert.equal(await rows(page).count(), 0);
    assert.match(await page.locator('tbody.section').nth(5).textContent(), /UTF-8.*145\/145/s);
    await page.getByRole('button', {name: 'Unfold all'}).click();
    assert.equal(await rows(page).count(), 517);
    assert.deepEqual((await ids(page)).slice(24, 27), ['2.9', '2.10', '2.11']);
    await page.getByRole('button', {name: 'Fold all', exact: true}).click();
    assert.equal(await rows(page).count(), 0);
  });

pageTest('a run that did not happen never looks passed', {report: 'not_run.html'}, async (page) => {
  assert.match(await page.locator('h1').textContent(), /^Nothing was run/);
  assert.match(await page.locator('.card').textContent(), /Not run.*Found neither Python 2\.7/s);
  assert.equal(await page.locator('main .ok').count() -
    await page.locator('.outcome.ok').count(), 0);
  assert.doesNotMatch(await page.locator('main').innerText(), /passed/i);
});

pageTest('engines and states of runs stand above their columns', {}, async (page) => {
  const heads = await page.locator('.run-head').allInnerTexts();
  assert.equal(heads.length, 5);
  const all = heads.join('\n').replace(/\s+/g, ' ');
  assert.match(all, /otherws 1\.4\.2 server, wss kosoku 0\.1\.0/);
  assert.match(all, /wsproof echo 0\.1\.0 client, ws autobahntestsuite 25\.10\.1/);
  assert.match(all, /thirdws 0\.9 client, ws no engine Not run/);
  assert.match(all, /otherws 1\.4\.2 client, ws autobahntestsuite 25\.10\.1 Interrupted/);
  const cells = await page.locator('table.matrix tr td:nth-child(4)').allInnerTexts();
  assert.deepEqual([...new Set(cells)], ['not run']);
});

pageTest('filters narrow the rows, and the hash keeps them', {}, async (page, url) => {
  await page.getByRole('button', {name: /^Failed 5$/}).click();
  assert.deepEqual(await ids(page), ['6.2.3', '7.1.5', '7.5.1', '7.7.3', '7.9.6']);
  assert.equal(await page.locator('#shown').textContent(), '5 of 517 cases');
  await page.getByRole('combobox', {name: 'Section', exact: true}).selectOption('7');
  await page.getByRole('combobox', {name: 'Close', exact: true}).selectOption('WRONG CODE');
  assert.deepEqual(await ids(page), ['7.1.5', '7.5.1']);
  await page.getByRole('searchbox', {name: 'Text'}).fill('subsection 7.5');
  assert.deepEqual(await ids(page), ['7.5.1']);
  assert.equal(await hash(page),
    '#q=subsection%207.5&section=7&close=WRONG%20CODE&outcome=failed');

  await page.goto('about:blank');
  await page.goto(`${url}#q=7.&close=WRONG%20CODE&outcome=failed`);
  assert.deepEqual(await ids(page), ['7.1.5', '7.5.1']);
  assert.equal(await page.getByRole('searchbox', {name: 'Text'}).inputValue(), '7.');
  assert.equal(await page.locator('.outcome.failed').getAttribute('aria-pressed'), 'true');

  await page.getByRole('button', {name: 'Clear filters'}).click();
  assert.equal(await page.locator('#shown').textContent(), '517 cases');
  assert.equal(await page.getByRole('searchbox', {name: 'Text'}).inputValue(), '');

  await page.getByRole('combobox', {name: 'Role', exact: true}).selectOption('client');
  assert.equal(await page.locator('.run-head').count(), 3);
  await page.getByRole('combobox', {name: 'Run', exact: true}).selectOption('otherws-client');
  assert.equal(await page.locator('.run-head').count(), 1);
  await page.getByRole('searchbox', {name: 'Text'}).fill('nothing like this');
  assert.ok(await page.getByText('No case matches these filters.').isVisible());
});

pageTest('rows where runs differ can be picked', {hash: '#differ=1&role=server'}, async (page) => {
  const found = await ids(page);
  assert.equal(found.length, 216 + 5 + 2 + 5);
  assert.ok(found.includes('2.10') && !found.includes('1.1.1'));
});

pageTest('known failures and unexpected passes come with their reasons', {}, async (page) => {
  await page.getByText('Baseline: 3 cases').click();
  const list = page.locator('.baseline');
  assert.match(await list.textContent(), /2\.10.*Answers only the latest Ping/s);
  assert.match(await list.textContent(), /9\.1\.6.*passed.*Refused messages over 8 MiB/s);
  await list.getByRole('link', {name: '9.1.6'}).click();
  assert.match(await panel(page).textContent(), /Passed although the baseline says it fails/);
  await page.keyboard.press('Escape');
  await list.getByRole('link', {name: '2.10'}).click();
  assert.match(await panel(page).textContent(), /Known to fail: Answers only.*1 of 1 expected did/s);
});

pageTest('a link opens a case with all that is known of it', {hash: '#case=otherws-server/7.1.5'},
  async (page) => {
    const text = await panel(page).innerText();
    for (const part of [/7\.1\.5/, /kosoku 0\.1\.0/, /close WRONG CODE/, /case 214/,
      /The events match nothing/, /Expected for OK/, /for OK\s[\s\S]*for NON-STRICT\s+Nothing\./,
      /26 bytes\s+binary ff 00 fe 3 bytes differs/,
      /1000 normal closure, or none/, /1002 protocol error, reason "protocol error"/,
      /GET \/ HTTP\/1\.1/, /101 Switching Protocols/, /--cases 7\.1\.5/,
      /In the other runs/, /TCP ended by the endpoint/]) assert.match(text, part);
    const frame = panel(page).locator('tr.frame_out', {hasText: 'close'});
    assert.match(await frame.innerText(), /1\.0[\s\S]*close 2 bytes, masked 1000 normal closure/);
    await frame.locator('summary').click();
    assert.match(await frame.locator('.facts').innerText(), /opcode\s+0x8 close/);
    assert.match(await frame.locator('.dump').innerText(), /^000000 {2}03 e8 +\.\.$/m);
    assert.equal(await panel(page).locator('.wire-log tbody tr:visible').count(), 10);
    await page.getByRole('checkbox', {name: 'Octets as read and written'}).uncheck();
    assert.equal(await panel(page).locator('.wire-log tbody tr:visible').count(), 6);
  });

pageTest('stepping follows the filter, and Back closes the panel', {hash: '#outcome=failed'},
  async (page) => {
    await page.getByRole('link', {name: /^7\.1\.5, otherws server/}).click();
    const title = page.locator('#case-title');
    assert.match(await title.textContent(), /^7\.1\.5/);
    await page.getByRole('button', {name: 'Next'}).click();
    await page.waitForFunction(() => document.activeElement.textContent === 'Next');
    assert.match(await title.textContent(), /^7\.5\.1/);
    assert.equal(await hash(page), '#case=otherws-server/7.5.1&outcome=failed');
    await panel(page).getByRole('link', {name: /^wsproof echo 0\.1\.0 server/}).click();
    await page.waitForFunction(() => location.hash.includes('wsproof-server/7.5.1'));
    await page.goBack();
    await panel(page).waitFor({state: 'detached'});
    assert.equal(await hash(page), '#outcome=failed');
    assert.equal((await ids(page)).length, 5);
  });

pageTest('a link unfolds the section of its case, and leaves the reader there',
  {report: 'passed.html', hash: '#case=wsproof-client/7.1.5'}, async (page) => {
    await panel(page).waitFor();
    await page.keyboard.press('Escape');
    await panel(page).waitFor({state: 'detached'});
    assert.equal(await rows(page).count(), 37);
    assert.match(await page.evaluate(() => document.activeElement.getAttribute('aria-label')),
      /^7\.1\.5, wsproof echo client/);
  });

pageTest('a link opens a case that a filter hides',
  {report: 'passed.html', hash: '#role=server&case=wsproof-client/7.1.5'}, async (page) => {
    await panel(page).waitFor();
    assert.match(await page.locator('#case-title').textContent(), /^7\.1\.5/);
  });

pageTest('an unknown case in the link opens nothing', {hash: '#case=otherws-server/99.1'},
  async (page) => {
    assert.equal(await page.locator('dialog').isVisible(), false);
  });

pageTest('the keyboard alone is enough', {report: 'passed.html'}, async (page) => {
  const focused = () => page.evaluate(() => {
    const {activeElement: element} = document;
    return element.getAttribute('aria-label') || element.textContent.trim();
  });
  const press = (...keys) => keys.reduce((p, key) => p.then(() => page.keyboard.press(key)),
    Promise.resolve());
  await press('Tab');
  assert.equal(await focused(), 'Skip to the cases');
  await press('Enter');
  assert.equal(await focused(), 'Cases');
  await page.locator('.fold').first().focus();
  await press('Enter');
  assert.equal(await rows(page).count(), 16);
  await press('ArrowDown');
  assert.match(await focused(), /^1\.1\.1, wsproof echo server, OK, close OK, code 1000/);
  await press('ArrowDown', 'ArrowRight');
  assert.match(await focused(), /^1\.1\.2, wsproof echo client/);
  assert.equal(await page.locator('a.result[tabindex="0"]').count(), 1);
  const outline = await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle);
  assert.equal(outline, 'solid');
  await press('Enter');
  await panel(page).waitFor();
  assert.match(await focused(), /^1\.1\.2/);
  for (let i = 0; i < 40; i++) {
    await press('Tab');
    assert.ok(await page.evaluate(() => document.activeElement === document.body ||
      document.querySelector('dialog').contains(document.activeElement)), 'focus left the panel');
  }
  await press('Escape');
  await panel(page).waitFor({state: 'detached'});
  assert.match(await focused(), /^1\.1\.2, wsproof echo client/);
  assert.equal(await hash(page), '#open=1');
});

for (const width of [400, 1280]) {
  pageTest(`nothing scrolls sideways at a width of ${width}`,
    {viewport: {width, height: 800}, hash: '#outcome=failed,expected_failure'}, async (page) => {
      await hasNoSidewaysScroll(page);
      assert.equal(await page.locator('.matrix-frame').evaluate((frame) =>
        frame.classList.contains('stacked')), width === 400);
      await page.getByRole('link', {name: /^2\.10, otherws server/}).click();
      await panel(page).waitFor();
      for (const line of await panel(page).locator('summary').all()) await line.click();
      await hasNoSidewaysScroll(page);
      const [content, visible] = await page.locator('.panel-body').evaluate((body) =>
        [body.scrollWidth, body.clientWidth]);
      assert.ok(content <= visible, `the panel's content is ${content} wide of ${visible}`);
    });
}

for (const colorScheme of ['light', 'dark']) {
  pageTest(`every text has contrast enough in the ${colorScheme}`,
    {colorScheme, hash: '#outcome=failed,expected_failure,non_strict,unexpected_pass,missing'},
    async (page) => {
      assert.equal(await page.locator('html').getAttribute('data-theme'), colorScheme);
      assert.deepEqual(await page.evaluate(lowContrast), []);
      await page.getByRole('link', {name: /^2\.10, otherws server/}).click();
      await panel(page).waitFor();
      assert.deepEqual(await page.evaluate(lowContrast), []);
    });
}

pageTest('the theme can be changed and is remembered', {colorScheme: 'light'}, async (page) => {
  const theme = () => page.locator('html').getAttribute('data-theme');
  assert.equal(await theme(), 'light');
  await page.getByRole('button', {name: 'Theme: auto'}).click();
  await page.getByRole('button', {name: 'Theme: light'}).click();
  assert.equal(await theme(), 'dark');
  await page.reload();
  assert.equal(await theme(), 'dark');
  await page.getByRole('button', {name: 'Theme: dark'}).click();
  assert.equal(await theme(), 'light');
  await page.emulateMedia({colorScheme: 'dark'});
  await page.locator('html[data-theme="dark"]').waitFor();
});

pageTest('hostile text is text, and long logs come in parts',
  {report: 'hostile.html', hash: '#case=wsproof-server/1.1.1'}, async (page) => {
    await panel(page).waitFor();
    assert.equal(await page.locator('img, b:text-is("bold")').count(), 0);
    const text = await panel(page).innerText();
    assert.ok(text.split(HOSTILE).length > 4);
    assert.match(text, /text 4 bytes ff 80 c3 28/);
    assert.match(text, /This engine keeps no times/);
    assert.match(text, /continuation\s*FIN clear\s*RSV1\s*RSV3/);
    const lines = panel(page).locator('.wire-log tbody tr');
    assert.equal(await lines.count(), 200);
    await panel(page).getByRole('button', {name: 'Show 200 more of 1003 entries'}).click();
    assert.equal(await lines.count(), 400);
    const octets = lines.filter({hasText: 'octets, 1,048,576 bytes'});
    await octets.locator('summary').click();
    assert.match(await octets.innerText(), /The first 16,384 bytes of 1,048,576 bytes/);
    await octets.getByRole('button', {name: /Show more/}).click();
    assert.match(await octets.locator('.dump').innerText(), /^0007f0 /m);
  });

pageTest('the long log of a case that passed says what is left out',
  {report: 'shortened.html', hash: '#case=wsproof-server/1.1.1'}, async (page) => {
    await panel(page).waitFor();
    const lines = panel(page).locator('.wire-log tbody tr');
    assert.equal(await lines.count(), 19);
    assert.match(await lines.nth(12).innerText(), /985 entries are left out/);
  });

pageTest('benchmarks are shown if there are any', {hash: '#at=benchmarks'}, async (page) => {
  const section = page.locator('#benchmarks');
  assert.match(await section.innerText(), /Masking, 64 KiB\s+12\s+10\s+GB\/s\s+1\.2/);
  const plot = section.locator('img');
  assert.equal(await plot.getAttribute('alt'), 'Masking');
  assert.ok(await plot.evaluate((img) => img.complete && img.naturalWidth > 0));
  assert.ok(await section.locator('h2').evaluate((title) => title === document.activeElement));
});

pageTest('tables, names and levels are there for assistive tools', {hash: '#outcome=failed'},
  async (page) => {
    const grid = page.getByRole('grid', {name: 'Cases'});
    assert.ok(await grid.getByRole('columnheader', {name: /otherws 1\.4\.2.*kosoku/}).isVisible());
    assert.ok(await grid.getByRole('rowheader', {name: /^7\.1\.5/}).isVisible());
    const nameless = await page.locator('button, input, select, a[href], img').evaluateAll((all) =>
      all.filter((one) => !(one.getAttribute('aria-label') || one.labels?.[0]?.textContent ||
        one.alt || one.textContent).trim()).map((one) => one.outerHTML));
    assert.deepEqual(nameless, []);
    const levels = await page.locator('h1, h2, h3').evaluateAll((all) =>
      all.map((title) => Number(title.tagName[1])));
    assert.equal(levels.filter((level) => level === 1).length, 1);
    levels.slice(1).forEach((level, i) => assert.ok(level <= levels[i] + 1, `${levels}`));
  });

// Elements are what opening takes its time for.
pageTest('both roles of all cases take fewer than twelve elements a result',
  {report: 'passed.html', hash: `#open=${[1, 2, 3, 4, 5, 6, 7, 9, 10, 12, 13].join()}`},
  async (page) => {
    await page.locator('th.case').last().waitFor();
    const [elements, made] = await page.evaluate(() => [
      document.querySelectorAll('*').length, document.querySelectorAll('a.result').length]);
    assert.ok(made > 900, `${made} results`);
    assert.ok(elements < 12 * made, `${elements} elements, ${made} results`);
  });

// A large report: 30,000 results, all sections unfolded.
const LARGE = {cases: 3000, runs: 10};
const LAST = '39.150';
const results = (page) => page.locator('a.result');

async function waitForResult(page, id) {
  const found = page.getByRole('link', {name: new RegExp(`^${id.replace('.', '\\.')}, large 0 server`)});
  await found.waitFor();
  return found;
}

pageTest('of a large report the results near the reader are made, the others when they are needed',
  {report: 'large.html'}, async (page) => {
    const {size} = statSync(join(folder, 'large.html'));
    assert.ok(size < 15e6, `${size} bytes`);
    await waitForResult(page, '20.1');
    // By the second frame the page knows what is near.
    await page.evaluate(() => new Promise((done) => {
      requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done)));
    }));
    const all = LARGE.cases * LARGE.runs;
    const made = await results(page).count();
    assert.ok(made > 0 && made < all / 20, `${made} results of ${all}`);
    const elements = await page.locator('*').count();
    assert.ok(elements < all, `${elements} elements`);

    assert.equal(await rows(page).count(), LARGE.cases);
    assert.equal((await ids(page)).at(-1), LAST);
    await page.locator('.matrix-frame').evaluate((frame) => frame.scrollTo(0, frame.scrollHeight));
    await waitForResult(page, LAST);
    assert.ok(await results(page).count() < all / 10);
  });

pageTest('a link to the last case of a large report opens it and scrolls to it',
  {report: 'large.html', hash: `#case=large-8/${LAST}`}, async (page) => {
    await panel(page).waitFor();
    assert.match(await page.locator('#case-title').textContent(), new RegExp(`^${LAST}`));
    await page.keyboard.press('Escape');
    await panel(page).waitFor({state: 'detached'});
    const isSeen = await page.evaluate(() => {
      const {x, y, width, height} = document.activeElement.getBoundingClientRect();
      return document.activeElement.contains(document.elementFromPoint(x + width / 2, y + height / 2));
    });
    assert.ok(isSeen);
    assert.match(await page.evaluate(() => document.activeElement.getAttribute('aria-label')),
      new RegExp(`^${LAST}, large 8 server`));
    assert.ok(await results(page).count() < LARGE.cases);
  });

pageTest('a filter finds cases of a large report whose results were not made yet',
  {report: 'large.html'}, async (page) => {
    await waitForResult(page, '20.1');
    const wanted = page.getByRole('link', {name: /^39\.149, large 9 server/});
    assert.equal(await wanted.count(), 0);
    await page.getByRole('searchbox', {name: 'Text'}).fill('Case 149 of section 39');
    assert.deepEqual(await ids(page), ['39.149']);
    assert.ok(await wanted.isVisible());
    // Of each section one, of which far from all were made before.
    await page.getByRole('searchbox', {name: 'Text'}).fill('');
    await page.getByRole('button', {name: /^Failed 20$/}).click();
    assert.equal(await rows(page).count(), 20);
    assert.equal(await results(page).and(page.locator(':visible')).count(), 20 * LARGE.runs);
    // Rows that come back beside those that are made already are made as well.
    await page.getByRole('button', {name: 'Clear filters'}).click();
    await page.locator('.matrix-frame').evaluate((frame) => frame.scrollTo(0, frame.scrollHeight));
    await waitForResult(page, LAST);
  });

pageTest('the arrow keys go on where the results of a large report were not made yet',
  {report: 'large.html'}, async (page) => {
    await (await waitForResult(page, '20.1')).focus();
    // In one task, so that nothing is made but by the keys.
    const label = await page.evaluate(() => {
      for (let i = 0; i < 140; i += 1) {
        document.activeElement.dispatchEvent(
          new KeyboardEvent('keydown', {key: 'ArrowDown', bubbles: true, cancelable: true}));
      }
      return document.activeElement.getAttribute('aria-label');
    });
    assert.match(label, /^20\.141, large 0 server/);
  });

pageTest('all of a large report is printed, on white', {report: 'large.html', colorScheme: 'dark'},
  async (page) => {
    await waitForResult(page, '20.1');
    const frame = page.locator('.matrix-frame');
    const theme = () => page.locator('html').getAttribute('data-theme');
    await page.evaluate(() => dispatchEvent(new Event('beforeprint')));
    assert.equal(await results(page).count(), LARGE.cases * LARGE.runs);
    assert.equal(await frame.getAttribute('class'), 'matrix-frame stacked');
    assert.equal(await theme(), 'light');
    await page.evaluate(() => dispatchEvent(new Event('afterprint')));
    assert.equal(await frame.getAttribute('class'), 'matrix-frame scrolls');
    assert.equal(await theme(), 'dark');
  });

for (const width of [400, 1280]) {
  pageTest(`at a width of ${width} rows of a large report have their height before their results`,
    {report: 'large.html', viewport: {width, height: 800}, hash: '#open=39'}, async (page) => {
      await page.getByRole('button', {name: 'Unfold all'}).click();
      const heights = await page.evaluate(() => {
        const row = document.querySelector('tr.unmade');
        const before = row.offsetHeight;
        report.matrix.makeCells(row);
        return [before, row.offsetHeight];
      });
      assert.ok(Math.abs(heights[1] - heights[0]) < heights[1] / 20, `${heights}`);
    });
}

pageTest('a case has a stable link, and one to its page where there are pages',
  {report: 'docs.html', hash: '#case=wsproof-server/7.1.5'}, async (page) => {
    await panel(page).waitFor();
    const about = panel(page).getByRole('link', {name: 'About this case'});
    assert.equal(await about.getAttribute('href'), 'https://wsproof.invalid/cases/7.1.5.html');
    const link = panel(page).getByRole('link', {name: 'Link', exact: true});
    assert.equal(await link.getAttribute('href'), '#case=wsproof-server/7.1.5');
  });

/// Runs in the page: the texts whose contrast with what is behind them is below 4.5 (WCAG AA).
function lowContrast() {
  const channels = (color) => {
    const [r, g, b, a = 1] = color.match(/[\d.]+/g).map(Number);
    return {rgb: [r, g, b], a};
  };
  const luminance = (rgb) => {
    const [r, g, b] = rgb.map((c) => c / 255)
      .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const background = (element) => {
    for (let one = element; one; one = one.parentElement) {
      const {rgb, a} = channels(getComputedStyle(one).backgroundColor);
      if (a === 1) return rgb;
    }
    return [255, 255, 255];
  };
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || !element.checkVisibility() ||
        ['SCRIPT', 'STYLE'].includes(element.tagName) || element.closest(':disabled')) continue;
    const [light, dark] = [luminance(channels(getComputedStyle(element).color).rgb),
      luminance(background(element))].sort((a, b) => b - a);
    const contrast = (light + 0.05) / (dark + 0.05);
    if (contrast < 4.5) {
      found.push(`${contrast.toFixed(2)}: ${element.className} ${walker.currentNode.data.trim()}`);
    }
  }
  return [...new Set(found)];
}
