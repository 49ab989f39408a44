// The client of Socket.IO under Autobahn's protocol: client.mjs URL AGENT
//
// The questions of the protocol are asked over a plain WebSocket, the one that the client itself
// stands on; the cases are run over Socket.IO.
import {createRequire} from 'node:module';

import {io} from 'socket.io-client';

import {ask, echo} from '../javascript/autobahn_client.mjs';

const {WebSocket} = createRequire(import.meta.resolve('engine.io-client'))('ws');

/// Runs a case and resolves once its connection is over.
function run_case(url, number, agent) {
  return new Promise((resolve) => {
    const socket = io(url, {
      path: '/runCase', addTrailingSlash: false, query: {case: number, agent},
      transports: ['websocket'], forceNew: true, reconnection: false, rejectUnauthorized: false,
    });
    socket.on('echo', (data) => socket.emit('echo', data));
    socket.io.on('close', resolve);
    socket.io.on('error', resolve); // it did not open
  });
}

const [url, agent] = process.argv.slice(2);
const count = Number(await ask(WebSocket, `${url}getCaseCount`));
for (let number = 1; number <= count; ++number) await run_case(url, number, agent);
await echo(WebSocket, `${url}updateReports?agent=${encodeURIComponent(agent)}`);
