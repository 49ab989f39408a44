// A Socket.IO server that sends every event named "echo" back: server.mjs PORT [CERTIFICATE KEY]
import {readFileSync} from 'node:fs';
import {createServer} from 'node:http';
import {createServer as create_tls_server} from 'node:https';

import {Server} from 'socket.io';

const [port, certificate, key] = process.argv.slice(2);
const server = certificate
  ? create_tls_server({cert: readFileSync(certificate), key: readFileSync(key)})
  : createServer();
const io = new Server(server, {transports: ['websocket']});
io.on('connection', (socket) => socket.on('echo', (data) => socket.emit('echo', data)));
server.listen(Number(port), '127.0.0.1');
