// Starts the Chromium of the system, with nothing in it that talks to the network by itself.
import {chromium} from 'playwright-core';

/// Returns a browser; the caller closes it. WSPROOF_CHROMIUM names another binary.
export function launch() {
  return chromium.launch({
    executablePath: process.env.WSPROOF_CHROMIUM || '/usr/bin/chromium',
    headless: true,
    args: [
      '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
      '--disable-background-networking', '--disable-component-update', '--disable-sync',
    ],
  });
}
