// Node's own WebSocket under Autobahn's protocol: client.mjs URL AGENT
//
// Node.js 22 and newer have it built in; it is undici's, which runs under older ones as well.
import {WebSocket} from 'undici';

import {run_all_cases} from '../javascript/autobahn_client.mjs';

await run_all_cases(WebSocket, process.argv[2], process.argv[3]);
