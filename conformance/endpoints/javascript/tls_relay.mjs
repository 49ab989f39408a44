// Puts TLS between the harness and an endpoint that speaks it:
//   tls_relay.mjs server PORT CERTIFICATE KEY COMMAND   a server: takes connections on PORT and passes
//       them over TLS to the server that COMMAND starts, {port} in it being that server's own
//   tls_relay.mjs client URL CERTIFICATE KEY COMMAND    a client: COMMAND connects over TLS to {url} in
//       it, and is passed on to URL
//
// Every read is written as it came; the end of a side and a reset are passed on as such.
import {spawn} from 'node:child_process';
import {readFileSync} from 'node:fs';
import {connect, createServer} from 'node:net';
import {connect as connect_tls, createServer as create_tls_server} from 'node:tls';

const [kind, where, certificate, key, command] = process.argv.slice(2);

/// Passes on whatever comes from `from` to `to`. Reading waits for writing.
function pass(from, to) {
  from.on('data', (bytes) => {
    if (!to.write(bytes)) {
      from.pause();
      to.once('drain', () => from.resume());
    }
  });
  from.on('end', () => to.end());
  from.on('error', () => (to.encrypted ? to.destroy() : to.resetAndDestroy()));
  from.on('close', () => to.destroySoon());
}

function join(one, other) {
  for (const socket of [one, other]) socket.setNoDelay?.(true);
  pass(one, other);
  pass(other, one);
}

function free_port() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const {port} = server.address();
      server.close(() => resolve(port));
    });
  });
}

/// Resolves once something takes connections on `port`, or rejects once `child` has ended.
function ready(port, child) {
  return new Promise((resolve, reject) => {
    child.on('exit', (status) => reject(new Error(`the server ended with ${status}`)));
    const attempt = () => {
      const socket = connect(port, '127.0.0.1', () => {
        socket.destroy();
        resolve();
      });
      // There is no event that tells when a foreign process starts to listen.
      socket.on('error', () => setTimeout(attempt, 20));
    };
    attempt();
  });
}

function start(words) {
  const child = spawn('sh', ['-c', words], {stdio: 'inherit'});
  child.on('exit', (status, signal) => process.exit(status ?? 1));
  return child;
}

if (kind === 'server') {
  const port = await free_port();
  const child = start(`exec ${command.replace('{port}', port)}`);
  await ready(port, child);
  createServer({allowHalfOpen: true}, (socket) => {
    join(socket, connect_tls({
      host: '127.0.0.1', port, rejectUnauthorized: false, ALPNProtocols: ['http/1.1'],
      allowHalfOpen: true}));
  }).listen(Number(where), '127.0.0.1');
} else {
  const url = new URL(where);
  const server = create_tls_server(
    {cert: readFileSync(certificate), key: readFileSync(key), ALPNProtocols: ['http/1.1'],
      allowHalfOpen: true},
    (socket) => join(socket, connect({
      host: url.hostname, port: Number(url.port), allowHalfOpen: true})));
  server.on('tlsClientError', (error) => console.error(`TLS: ${error.message}`));
  server.listen(0, '127.0.0.1', () => {
    start(`exec ${command.replaceAll('{url}', `wss://127.0.0.1:${server.address().port}/`)}`);
  });
}
