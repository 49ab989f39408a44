// The client of `ws` under Autobahn's protocol: client.mjs URL AGENT
import {WebSocket} from 'ws';

import {run_all_cases} from '../javascript/autobahn_client.mjs';

/// With the options that a constructor of the browsers' API has no place for. The certificate is
/// the harness's own, so it is not asked for a name.
class Client extends WebSocket {
  constructor(url, protocols) {
    super(url, protocols, {perMessageDeflate: {threshold: 0}, rejectUnauthorized: false});
  }
}

await run_all_cases(Client, process.argv[2], process.argv[3]);
