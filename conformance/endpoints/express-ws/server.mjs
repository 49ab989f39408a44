// An echo as a route of an Express application, by express-ws: server.mjs PORT [CERTIFICATE KEY]
// The port answers ordinary HTTP beside it.
import {readFileSync} from 'node:fs';
import {createServer} from 'node:http';
import {createServer as create_tls_server} from 'node:https';

import express from 'express';
import express_ws from 'express-ws';

const [port, certificate, key] = process.argv.slice(2);
const app = express();
const server = certificate
  ? create_tls_server({cert: readFileSync(certificate), key: readFileSync(key)}, app)
  : createServer(app);
express_ws(app, server, {
  wsOptions: {perMessageDeflate: {threshold: 0}, maxPayload: 64 * 1024 * 1024},
});

app.get('/', (request, response) => response.type('text').send('an echo is at /echo\n'));
app.ws('/echo', (socket) => {
  socket.on('error', () => {}); // what a broken peer causes; `ws` closes the connection itself
  // Of version 7 of `ws`: a text is a string, everything else a Buffer.
  socket.on('message', (data) => socket.send(data));
});
server.listen(Number(port), '127.0.0.1');
