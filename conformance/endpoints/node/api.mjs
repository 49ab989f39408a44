// The tests of the WebSocket API on the WebSocket of Node.js: api.mjs URL
import {WebSocket} from 'undici';

import {run_all} from '../websocket_api/websocket_api.mjs';

console.log(JSON.stringify(await run_all(WebSocket, process.argv[2])));
process.exit();
