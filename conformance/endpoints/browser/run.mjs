// Opens a page in a browser and waits until its script is done:
//   run.mjs chromium|firefox autobahn URL AGENT   the browser as a client under test
//   run.mjs chromium|firefox api URL              the tests of the WebSocket API; prints the results
//                                                 as JSON
//
// A browser that opens a URL by itself is all it takes, so there is no WebDriver and no package. The
// page reports to the HTTP server that it came from. WSPROOF_CHROMIUM and WSPROOF_FIREFOX name other
// programs. The whole process group ends with this one.
import {spawn} from 'node:child_process';
import {mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {createServer} from 'node:http';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {connect} from 'node:tls';
import {fileURLToPath} from 'node:url';

const folder = fileURLToPath(new URL('..', import.meta.url));
const files = {
  '/': ['browser/page.html', 'text/html; charset=utf-8'],
  '/page.mjs': ['browser/page.mjs', 'text/javascript'],
  '/autobahn_client.mjs': ['javascript/autobahn_client.mjs', 'text/javascript'],
  '/websocket_api.mjs': ['websocket_api/websocket_api.mjs', 'text/javascript'],
};

const preferences = {
  'app.normandy.enabled': false,
  'app.update.enabled': false,
  'browser.aboutwelcome.enabled': false,
  'browser.shell.checkDefaultBrowser': false,
  'browser.startup.homepage_override.mstone': 'ignore',
  'datareporting.policy.dataSubmissionEnabled': false,
  'extensions.update.enabled': false,
  'network.captive-portal-service.enabled': false,
  'network.connectivity-service.enabled': false,
  'services.settings.server': 'data:,#remote-settings-dummy/v1',
  'toolkit.telemetry.reportingpolicy.firstRun': false,
  // A browser slows down who reconnects after failures. The cases are nothing but failures.
  'network.websocket.delay-failed-reconnects': false,
};

/// That of the certificate which the server at `url` has.
function fingerprint_of(url) {
  const {hostname, port} = new URL(url);
  return new Promise((resolve, reject) => {
    const socket = connect({host: hostname, port, servername: hostname, rejectUnauthorized: false});
    socket.on('secureConnect', () => {
      resolve(socket.getPeerCertificate().fingerprint256);
      socket.destroy();
    });
    socket.on('error', reject);
  });
}

/// The command of a browser that opens `page` with the profile in `profile`.
function command_of(browser, profile, page) {
  if (browser === 'chromium') {
    return [
      process.env.WSPROOF_CHROMIUM || '/usr/bin/chromium',
      '--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
      '--disable-background-networking', '--disable-component-update', '--disable-sync',
      '--disable-dev-shm-usage',
      '--ignore-certificate-errors',
      `--user-data-dir=${profile}`, page,
    ];
  }
  if (browser === 'firefox') {
    const lines = Object.entries(preferences).map(
      ([name, value]) => `user_pref(${JSON.stringify(name)}, ${JSON.stringify(value)});\n`);
    writeFileSync(join(profile, 'user.js'), lines.join(''));
    // As if a person had agreed to the certificate of the server at this URL.
    if (fingerprint) {
      const fields = [`${new URL(url).host}:`, 'OID.2.16.840.1.101.3.4.2.1', fingerprint, ''];
      writeFileSync(join(profile, 'cert_override.txt'), `${fields.join('\t')}\n`);
    }
    return [
      process.env.WSPROOF_FIREFOX || '/usr/bin/firefox-esr',
      '--headless', '--no-remote', '--profile', profile, page,
    ];
  }
  throw new Error(`no browser "${browser}"; there are chromium and firefox`);
}

/// Serves the page, and resolves with what it reports.
function serve() {
  const server = createServer((request, response) => {
    const path = new URL(request.url, 'http://page/').pathname;
    if (request.method === 'POST' && path === '/done') {
      const parts = [];
      request.on('data', (part) => parts.push(part));
      request.on('end', () => {
        response.end();
        done(JSON.parse(Buffer.concat(parts).toString()));
      });
      return;
    }
    const [file, type] = files[path] ?? [];
    response.writeHead(file ? 200 : 404, {'Content-Type': type ?? 'text/plain'});
    response.end(file ? readFileSync(join(folder, file)) : '');
  });
  let done;
  const reported = new Promise((resolve) => (done = resolve));
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve({server, reported, port: server.address().port}));
  });
}

const [browser, task, url, agent = browser] = process.argv.slice(2);
const fingerprint =
  browser === 'firefox' && url.startsWith('wss:') ? await fingerprint_of(url) : undefined;
const {server, reported, port} = await serve();
const profile = mkdtempSync(join(tmpdir(), 'wsproof-browser-'));
const page = `http://127.0.0.1:${port}/?` + new URLSearchParams({task, url, agent});
const [program, ...options] = command_of(browser, profile, page);
const child = spawn(program, options, {
  stdio: ['ignore', 'ignore', 'pipe'], detached: true, env: {...process.env, HOME: profile},
});
let complaints = '';
child.stderr.on('data', (text) => (complaints = (complaints + text).slice(-4096)));
const ended = new Promise((resolve) => {
  child.on('error', (error) => resolve(error.message));
  child.on('exit', (status, signal) => resolve(`ended with ${signal ?? status}\n${complaints}`));
});

function stop() {
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // It is gone.
  }
}
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.on(signal, () => {
    stop();
    rmSync(profile, {recursive: true, force: true, maxRetries: 10});
    process.exit(1);
  });
}

const outcome = await Promise.race([
  reported, ended.then((how) => ({error: `${program} ${how}`}))]);
stop();
await ended;
server.closeAllConnections();
server.close();
rmSync(profile, {recursive: true, force: true, maxRetries: 10});
if (outcome.error) {
  console.error(outcome.error);
  process.exitCode = 1;
} else {
  console.log(JSON.stringify(outcome.result));
}
