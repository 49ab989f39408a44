// An echo server on `ws`: server.mjs PORT [CERTIFICATE KEY]
import {readFileSync} from 'node:fs';
import {createServer} from 'node:http';
import {createServer as create_tls_server} from 'node:https';

import {WebSocketServer} from 'ws';

const [port, certificate, key] = process.argv.slice(2);
/// As the server that `ws` makes itself, where it is not given one.
const refuse = (request, response) => response.writeHead(426).end('Upgrade Required');
const server = certificate
  ? create_tls_server({cert: readFileSync(certificate), key: readFileSync(key)}, refuse)
  : createServer(refuse);

const sockets = new WebSocketServer({
  server,
  // Off by default in servers; on, it takes what clients offer.
  perMessageDeflate: {threshold: 0},
  maxPayload: 64 * 1024 * 1024,
});
sockets.on('connection', (socket) => {
  socket.on('error', () => {}); // what a broken peer causes; `ws` closes the connection itself
  socket.on('message', (data, binary) => socket.send(data, {binary}));
});
server.listen(Number(port), '127.0.0.1');
