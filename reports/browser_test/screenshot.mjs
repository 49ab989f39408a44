// Takes the picture of the README from a report:
//   node screenshot.mjs REPORT.html OUT.png [--hash HASH] [--width N] [--height N] [--dark]
import {pathToFileURL} from 'node:url';
import {parseArgs} from 'node:util';

import {launch} from './browser.mjs';

const {values, positionals} = parseArgs({
  allowPositionals: true,
  options: {
    hash: {type: 'string', default: '#open=1,5'},
    width: {type: 'string', default: '1200'},
    height: {type: 'string', default: '900'},
    dark: {type: 'boolean', default: false},
  },
});
if (positionals.length !== 2) {
  console.error('usage: screenshot.mjs REPORT.html OUT.png [--hash HASH] [--width N] [--height N] [--dark]');
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
  await page.screenshot({path: picture});
} finally {
  await browser.close();
}
