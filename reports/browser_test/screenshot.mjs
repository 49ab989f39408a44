// Takes a picture of a report, as it is or with the wire log of a case beside the matrix:
//   node screenshot.mjs REPORT.html OUT.png [--hash HASH] [--case ID] [--width N] [--height N] [--dark]
import {pathToFileURL} from 'node:url';
import {parseArgs} from 'node:util';

import {launch} from './browser.mjs';

const {values, positionals} = parseArgs({
  allowPositionals: true,
  options: {
    hash: {type: 'string', default: '#'},
    case: {type: 'string'},
    width: {type: 'string', default: '1200'},
    height: {type: 'string', default: '900'},
    dark: {type: 'boolean', default: false},
  },
});
if (positionals.length !== 2) {
  console.error('usage: screenshot.mjs REPORT.html OUT.png [--hash HASH] [--case ID] [--width N] ' +
    '[--height N] [--dark]');
  process.exit(2);
}
const [report, picture] = positionals;

const browser = await launch();
try {
  const page = await browser.newPage({
    viewport: {width: Number(values.width), height: Number(values.height)},
    colorScheme: values.dark ? 'dark' : 'light',
  });
  await page.goto(pathToFileURL(report).href + values.hash);
  await page.locator(values.hash.includes('case=') ? 'dialog[open]' : 'table.matrix').waitFor();
  if (values.case) {
    await page.locator(`a.result[aria-label^="${values.case}, "]`).first().click();
    const log = page.locator('dialog[open] .wire-log');
    await log.getByRole('row', {name: 'from'}).and(log.locator('.frame_in')).first()
      .locator('summary').click();
    await log.evaluate((table) => table.closest('section').scrollIntoView());
    await page.evaluate(() => scrollTo(0, 0));
  }
  await page.screenshot({path: picture});
} finally {
  await browser.close();
}
