// A client under test that speaks Autobahn's protocol, over any constructor with the browsers' API.
// It runs on a page, under Node.js and over libraries alike, so it uses nothing but that API.

/// Asks for one text: the answer to a question of the protocol. Rejects if none comes.
export function ask(WebSocket, url) {
  return new Promise((resolve, reject) => {
    let answer = null;
    const socket = new WebSocket(url);
    socket.addEventListener('message', ({data}) => (answer = data));
    socket.addEventListener('error', () => {});
    socket.addEventListener('close', ({code}) => {
      if (answer === null) reject(new Error(`no answer from ${url}, closed with ${code}`));
      else resolve(answer);
    });
  });
}

/// Does what a message asks for by the control convention (conformance/CONTROL.md), as far as the
/// API goes. Returns false if that is nothing.
function obey(WebSocket, socket, url, data) {
  const [, verb, rest] = /^x-wsproof (\w+) ?(.*)$/s.exec(typeof data === 'string' ? data : '') ?? [];
  if (verb === 'close') {
    const [, code, reason] = /^(\d*) ?(.*)$/s.exec(rest);
    try {
      code ? socket.close(Number(code), reason) : socket.close();
    } catch {
      return false;
    }
  } else if (verb === 'text') {
    socket.send(rest);
  } else if (verb === 'binary') {
    socket.send(new TextEncoder().encode(rest));
  } else if (verb === 'connect' && /^([1-9]|1[0-6])$/.test(rest)) {
    for (let visit = 1; visit <= Number(rest); ++visit) {
      new WebSocket(`${url}&visit=${visit}`).addEventListener('error', () => {});
    }
  } else {
    return false;
  }
  return true;
}

/// Connects, sends every message back as it came, and resolves once the connection is over.
export function echo(WebSocket, url) {
  return new Promise((resolve) => {
    const socket = new WebSocket(url);
    socket.binaryType = 'arraybuffer';
    socket.addEventListener('message', ({data}) => {
      if (!obey(WebSocket, socket, url, data)) socket.send(data);
    });
    socket.addEventListener('error', () => {});
    socket.addEventListener('close', ({code}) => resolve(code));
  });
}

/// Goes through all cases of the server at `url`, and asks it for its reports.
///
/// `url` ends with a slash. Returns the number of cases.
export async function run_all_cases(WebSocket, url, agent) {
  const name = encodeURIComponent(agent);
  const count = Number(await ask(WebSocket, `${url}getCaseCount`));
  for (let number = 1; number <= count; ++number) {
    await echo(WebSocket, `${url}runCase?case=${number}&agent=${name}`);
  }
  await echo(WebSocket, `${url}updateReports?agent=${name}`);
  return count;
}
