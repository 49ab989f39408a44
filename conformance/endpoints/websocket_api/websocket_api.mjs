// Tests of the WebSocket API as the standard has it (https://websockets.spec.whatwg.org/), for a
// page and for every constructor that means to be the same elsewhere.
//
// Each test says what the standard says; what a constructor does else is its deviation. The server
// is api_server.mjs.

/// What a test is against, when it finds it.
class Deviation extends Error {}

/// What cannot be tested here, and why.
class Unsupported extends Error {}

function check(holds, what) {
  if (!holds) throw new Deviation(what);
}

function show(value) {
  return typeof value === 'string' ? JSON.stringify(value) : String(value);
}

function check_equal(got, wanted, what) {
  check(Object.is(got, wanted), `${what} is ${show(got)}, and should be ${show(wanted)}`);
}

function check_throws(name, action, what) {
  try {
    action();
  } catch (error) {
    check(error?.name === name,
      `${what} throws ${error?.name ?? show(error)}, and should throw ${name}`);
    return error;
  }
  throw new Deviation(`${what} does not throw; it should throw ${name}`);
}

/// Resolves with the next event of one of these types.
function event_of(socket, ...types) {
  return new Promise((resolve) => {
    for (const type of types) socket.addEventListener(type, resolve, {once: true});
  });
}

/// Resolves once the socket is open. Fails if it closes before.
async function opened(socket) {
  const {type} = await event_of(socket, 'open', 'close');
  check(type === 'open', 'the connection does not open');
  return socket;
}

/// Resolves with all events up to the close, each as its type.
async function all_events(socket) {
  const events = [];
  for (const type of ['open', 'message', 'error']) {
    socket.addEventListener(type, (event) => events.push(event));
  }
  events.push(await event_of(socket, 'close'));
  return events;
}

function types_of(events) {
  return events.map(({type}) => type).join(' ');
}

function check_close(event, {code, reason = '', clean}) {
  check_equal(event.code, code, 'code of the close event');
  check_equal(event.reason, reason, 'reason of the close event');
  check_equal(event.wasClean, clean, 'wasClean of the close event');
}

async function bytes_of(data) {
  return data instanceof ArrayBuffer
    ? [...new Uint8Array(data)] : [...new Uint8Array(await data.arrayBuffer())];
}

/// Fails the connection: an error, then a close event with 1006 that is not clean. The server is told
/// when the connection is open.
async function check_failed(socket, {opens}) {
  const surprise = event_of(socket, ...(opens ? ['message'] : ['open', 'message']));
  if (opens) socket.addEventListener('open', () => socket.send('go'));
  const events = await Promise.race([
    all_events(socket),
    surprise.then(({type}) => {
      throw new Deviation(type === 'open' ? 'the connection opens' : 'a message is told');
    }),
  ]);
  check_equal(types_of(events), opens ? 'open error close' : 'error close', 'the list of events');
  check_close(events.at(-1), {code: 1006, clean: false});
  check_equal(socket.readyState, 3, 'readyState');
}

/// A test for each of `values`: what is tried, by name.
function table(id, title, section, values, run) {
  return Object.entries(values).map(([name, value]) => ({
    id: `${id}/${name}`, title: title.replace('{}', name.replaceAll('-', ' ')), section,
    run: (context) => run(context, value),
  }));
}

const kConstructor = 'constructor';
const kClose = 'close(code, reason)';
const kSend = 'send(data)';

const tests = [
  {
    id: 'interface/constants', section: 'interface definition',
    title: 'The states are constants of the constructor and of each object',
    run({WebSocket, url, make}) {
      const socket = make(`${url}/echo`);
      ['CONNECTING', 'OPEN', 'CLOSING', 'CLOSED'].forEach((name, value) => {
        check_equal(WebSocket[name], value, `WebSocket.${name}`);
        check_equal(socket[name], value, `${name} of an object`);
        check(!Object.getOwnPropertyDescriptor(WebSocket, name)?.writable,
          `WebSocket.${name} can be written`);
      });
    },
  },
  {
    id: 'interface/event-target', section: 'interface definition',
    title: 'A WebSocket is an EventTarget',
    run({url, make}) {
      check(make(`${url}/echo`) instanceof EventTarget, 'it is no EventTarget');
    },
  },
  {
    id: 'interface/new', section: 'interface definition',
    title: 'Without new, the constructor throws a TypeError',
    run({WebSocket, url}) {
      check_throws('TypeError', () => WebSocket(`${url}/echo`), 'a call without new');
    },
  },
  {
    id: 'interface/no-arguments', section: 'interface definition',
    title: 'Without a URL, the constructor throws a TypeError',
    run({WebSocket}) {
      check_throws('TypeError', () => new WebSocket(), 'new WebSocket()');
    },
  },
  {
    id: 'interface/initial', section: 'interface definition',
    title: 'What the attributes are before anything has happened',
    run({url, make}) {
      const socket = make(`${url}/echo`);
      const initial = {
        readyState: 0, bufferedAmount: 0, extensions: '', protocol: '', binaryType: 'blob',
        onopen: null, onerror: null, onclose: null, onmessage: null, url: `${url}/echo`};
      for (const [name, value] of Object.entries(initial)) check_equal(socket[name], value, name);
    },
  },
  {
    id: 'interface/dom-exception', section: 'interface definition',
    title: 'Errors of the API are DOMExceptions',
    run({WebSocket, url, make}) {
      const socket = make(`${url}/never`);
      const errors = [
        check_throws('SyntaxError', () => new WebSocket('about:blank'), 'a wrong scheme'),
        check_throws('SyntaxError', () => new WebSocket(`${url}/echo`, ['a', 'a']), 'a, a'),
        check_throws('InvalidStateError', () => socket.send('early'), 'send before the opening'),
        check_throws('InvalidAccessError', () => socket.close(1), 'close(1)')];
      for (const error of errors) {
        check(error instanceof DOMException, `a ${error.name} is none`);
      }
    },
  },
  {
    id: 'interface/read-only', section: 'interface definition',
    title: 'url, readyState, bufferedAmount, extensions and protocol cannot be set',
    run({url, make}) {
      const socket = make(`${url}/echo`);
      for (const name of ['url', 'readyState', 'bufferedAmount', 'extensions', 'protocol']) {
        const before = socket[name];
        check_throws('TypeError', () => (socket[name] = 'set'), `setting ${name}`);
        check_equal(socket[name], before, name);
      }
    },
  },

  // URLs.
  ...table('constructor/scheme', 'The scheme of {} is a SyntaxError', kConstructor, {
    ftp: 'ftp://127.0.0.1/', mailto: 'mailto:someone@example.org', about: 'about:blank',
    data: 'data:text/plain,hello', javascript: 'javascript:void 0', file: 'file:///tmp/',
  }, ({WebSocket}, value) => {
    check_throws('SyntaxError', () => new WebSocket(value), `new WebSocket("${value}")`);
  }),
  ...table('constructor/url', 'A URL with {} is a SyntaxError', kConstructor, {
    'a-space-in-its-host': 'ws://foo bar.example/', 'a-bad-port': 'ws://127.0.0.1:70000/',
    'no-host': 'ws://', 'an-open-bracket': 'ws://[::1/',
  }, ({WebSocket}, value) => {
    check_throws('SyntaxError', () => new WebSocket(value), `new WebSocket("${value}")`);
  }),
  ...table('constructor/fragment', 'A URL with {} is a SyntaxError', kConstructor, {
    'a-fragment': '/echo#part', 'an-empty-fragment': '/echo#',
  }, ({WebSocket, url}, value) => {
    check_throws('SyntaxError', () => new WebSocket(url + value), `a URL that ends with ${value}`);
  }),
  ...table('constructor/http', 'A URL of {} stands for one of ws or wss', kConstructor, {
    http: ['ws:', 'http:'], https: ['wss:', 'https:'],
  }, ({url, make}, [scheme, given]) => {
    const rest = url.slice(url.indexOf('//'));
    check_equal(make(`${given}${rest}/echo`).url, `${scheme}${rest}/echo`, 'url');
  }),
  {
    id: 'constructor/http/connects', section: kConstructor,
    title: 'A URL of http connects as one of ws does',
    async run({url, make}) {
      await opened(make(`${url.replace('ws:', 'http:')}/echo`));
    },
  },
  {
    id: 'constructor/relative', section: kConstructor,
    title: 'A relative URL is resolved against the page, and its scheme becomes that of a WebSocket',
    run({make}) {
      if (typeof location === 'undefined') {
        throw new Unsupported('there is no page whose URL is the base');
      }
      check_equal(make('/some/path?query').url, `ws://${location.host}/some/path?query`, 'url');
    },
  },
  ...table('constructor/serialized', 'url is the URL as it is serialized: {}', kConstructor, {
    'a-path-is-added': ['', '/'], 'the-path-is-normalized': ['/a/../echo', '/echo'],
    'the-query-is-escaped': ['/echo?a b', '/echo?a%20b'],
    'letters-of-the-path-are-escaped': ['/\u00fc', '/%C3%BC'],
  }, ({url, make}, [given, wanted]) => {
    check_equal(make(url + given).url, url + wanted, 'url');
  }),
  {
    id: 'constructor/default-port', section: kConstructor,
    title: 'The default port is not part of url',
    run({make}) {
      check_equal(make('ws://127.0.0.1:80/').url, 'ws://127.0.0.1/', 'url');
      check_equal(make('wss://127.0.0.1:443/').url, 'wss://127.0.0.1/', 'url');
    },
  },
  {
    id: 'constructor/url-object', section: kConstructor,
    title: 'A URL object stands for its text',
    run({url, make}) {
      check_equal(make(new URL(`${url}/echo`)).url, `${url}/echo`, 'url');
    },
  },
  {
    id: 'constructor/resource', section: kConstructor,
    title: 'Path and query reach the server as they are in url',
    async run({url, make}) {
      const socket = make(`${url}/request?a=b%20c&d`);
      const {data} = await event_of(socket, 'message', 'close');
      check(data !== undefined, 'no request reached the server');
      check_equal(JSON.parse(data).url, '/request?a=b%20c&d', 'the resource');
    },
  },

  // Subprotocols.
  ...table('constructor/subprotocol', 'A subprotocol that is {} is a SyntaxError', kConstructor, {
    empty: '', 'with-a-space': 'a b', 'with-a-comma': 'a,b', 'with-a-slash': 'a/b',
    'with-a-quote': '"a"', 'with-a-tab': 'a\tb', 'with-a-line-end': 'a\nb', 'not-ascii': '\u00fc',
    'with-DEL': 'a\u007f', 'with-NUL': 'a\u0000', 'with-parentheses': 'a(b)', 'with-an-at': 'a@b',
  }, ({WebSocket, url}, value) => {
    check_throws('SyntaxError', () => new WebSocket(`${url}/echo`, value), show(value));
    check_throws('SyntaxError', () => new WebSocket(`${url}/echo`, ['good', value]),
      `a list with ${show(value)}`);
  }),
  {
    id: 'constructor/subprotocol/repeated', section: kConstructor,
    title: 'The same subprotocol twice is a SyntaxError',
    run({WebSocket, url}) {
      check_throws('SyntaxError', () => new WebSocket(`${url}/echo`, ['a', 'b', 'a']), 'a, b, a');
    },
  },
  {
    id: 'constructor/subprotocol/none', section: kConstructor,
    title: 'An empty list asks for no subprotocol',
    async run({url, make}) {
      const socket = make(`${url}/request`, []);
      const {data} = await event_of(socket, 'message', 'close');
      check(data !== undefined, 'no request reached the server');
      check_equal(JSON.parse(data).headers['sec-websocket-protocol'], undefined, 'the field');
      check_equal(socket.protocol, '', 'protocol');
    },
  },
  {
    id: 'constructor/subprotocol/string', section: kConstructor,
    title: 'A string is a list of one',
    async run({url, make}) {
      const socket = await opened(make(`${url}/protocol?choose=chat`, 'chat'));
      check_equal(socket.protocol, 'chat', 'protocol');
    },
  },
  {
    id: 'constructor/subprotocol/chosen', section: kConstructor,
    title: 'protocol is the one that the server chose',
    async run({url, make}) {
      const socket = make(`${url}/protocol?choose=second`, ['first', 'second', 'third']);
      check_equal(socket.protocol, '', 'protocol before the opening');
      await opened(socket);
      check_equal(socket.protocol, 'second', 'protocol');
    },
  },
  {
    id: 'constructor/subprotocol/not-acknowledged', section: 'establish a WebSocket connection',
    title: 'A server that chooses none of the subprotocols asked for fails the connection',
    run({url, make}) {
      return check_failed(make(`${url}/protocol`, ['chat']), {opens: false});
    },
  },
  ...table('constructor/subprotocol', 'A server that chooses a subprotocol where {} fails the connection',
    'RFC 6455 4.1', {'another-was-asked': [['chat']], 'none-was-asked': []},
    ({url, make}, words) => check_failed(
      make(`${url}/protocol?choose=other`, ...words), {opens: false})),

  // The opening.
  {
    id: 'open/states', section: 'readyState',
    title: 'readyState goes 0, 1, 2, 3: at first, in open, after close(), in close',
    async run({url, make}) {
      const socket = make(`${url}/echo`);
      check_equal(socket.readyState, 0, 'readyState at first');
      await opened(socket);
      check_equal(socket.readyState, 1, 'readyState in open');
      const closed = event_of(socket, 'close');
      socket.close();
      check_equal(socket.readyState, 2, 'readyState after close()');
      await closed;
      check_equal(socket.readyState, 3, 'readyState in close');
    },
  },
  ...table('open/refused', 'The opening fails with an error and a close of 1006: {}',
    'establish a WebSocket connection', {
      'status-200': '/status?status=200', 'status-403': '/status?status=403',
      'status-404': '/status?status=404', 'status-500': '/status?status=500',
      'a-redirect': '/status?status=302&location=/echo',
      'a-wrong-accept': '/echo?accept=AAAAAAAAAAAAAAAAAAAAAAAAAAA%3D',
      'no-accept': '/echo?without=Sec-WebSocket-Accept', 'no-upgrade': '/echo?without=Upgrade',
      'no-connection': '/echo?without=Connection',
      'an-extension-that-was-not-offered': '/echo?extensions=x-other',
    }, ({url, make}, path) => check_failed(make(url + path), {opens: false})),
  {
    id: 'open/no-server', section: 'establish a WebSocket connection',
    title: 'Where nothing listens, there is an error and a close of 1006',
    run({make}) {
      return check_failed(make('ws://127.0.0.1:9/'.replace(':9', ':65534')), {opens: false});
    },
  },
  {
    id: 'open/extensions', section: 'extensions',
    title: 'extensions is what the server agreed to',
    async run({url, make}) {
      const request = make(`${url}/request`);
      const {data} = await event_of(request, 'message', 'close');
      check_equal(request.extensions, '', 'extensions where the server agrees to none');
      const offer = JSON.parse(data).headers['sec-websocket-extensions'];
      if (!offer?.includes('permessage-deflate')) {
        throw new Unsupported('it offers no permessage-deflate, which it may');
      }
      const socket = await opened(make(`${url}/echo?extensions=permessage-deflate`));
      check_equal(socket.extensions, 'permessage-deflate', 'extensions');
    },
  },

  // Events.
  {
    id: 'events/order', section: 'feedback from the protocol',
    title: 'open comes first, then messages in order, then close',
    async run({url, make}) {
      const socket = make(`${url}/greeting`);
      const events = [];
      for (const type of ['open', 'message', 'error', 'close']) {
        socket.addEventListener(type, () => events.push(type));
      }
      const closed = event_of(socket, 'close');
      await opened(socket);
      while (events.length < 4) await event_of(socket, 'message', 'close');
      socket.close();
      await closed;
      check_equal(events.join(' '), 'open message message message close', 'the list of events');
    },
  },
  {
    id: 'events/listeners', section: 'event handlers',
    title: 'on-properties and listeners are called both, in the order in which they were set',
    async run({url, make}) {
      const socket = make(`${url}/echo`);
      const called = [];
      socket.addEventListener('open', () => called.push('first'));
      socket.onopen = () => called.push('property');
      socket.addEventListener('open', () => called.push('second'));
      await event_of(socket, 'open');
      check_equal(called.join(' '), 'first property second', 'the list of calls');
    },
  },
  {
    id: 'events/replaced', section: 'event handlers',
    title: 'An on-property that is set again replaces the one before, and null removes it',
    async run({url, make}) {
      const socket = make(`${url}/echo`);
      const called = [];
      socket.onopen = () => called.push('old');
      const handler = () => called.push('new');
      socket.onopen = handler;
      check_equal(socket.onopen, handler, 'onopen');
      await opened(socket);
      socket.onmessage = () => called.push('message');
      socket.onmessage = null;
      check_equal(socket.onmessage, null, 'onmessage');
      socket.send('x');
      await event_of(socket, 'message');
      check_equal(called.join(' '), 'new', 'the list of calls');
    },
  },
  {
    id: 'events/not-callable', section: 'event handlers',
    title: 'An on-property that is set to something else than a function or an object becomes null',
    run({url, make}) {
      const socket = make(`${url}/echo`);
      socket.onopen = 5;
      check_equal(socket.onopen, null, 'onopen');
    },
  },
  {
    id: 'events/once-and-removed', section: 'event handlers',
    title: 'A listener that was removed, or asked to be called once, is not called again',
    async run({url, make}) {
      const socket = await opened(make(`${url}/echo`));
      let once = 0;
      let removed = 0;
      const listener = () => ++removed;
      socket.addEventListener('message', () => ++once, {once: true});
      socket.addEventListener('message', listener);
      socket.removeEventListener('message', listener);
      for (const text of ['a', 'b']) {
        socket.send(text);
        await event_of(socket, 'message');
      }
      check_equal(once, 1, 'calls of the one that is called once');
      check_equal(removed, 0, 'calls of the one that was removed');
    },
  },
  {
    id: 'events/this', section: 'event handlers',
    title: 'A listener is called with this, target and currentTarget being the WebSocket',
    async run({url, make}) {
      const socket = make(`${url}/echo`);
      const seen = await new Promise((resolve) => {
        socket.onopen = function (event) {
          resolve([this, event.target, event.currentTarget]);
        };
      });
      seen.forEach((value, i) => check(value === socket,
        `${['this', 'target', 'currentTarget'][i]} is not the WebSocket`));
    },
  },
  {
    id: 'events/classes', section: 'feedback from the protocol',
    title: 'open is an Event, message a MessageEvent, close a CloseEvent; none bubbles or can be cancelled',
    async run({url, make}) {
      const [message, events] = await Promise.all([
        event_of(make(`${url}/greeting`), 'message', 'close'),
        all_events(make(`${url}/close?code=1000`))]);
      check_equal(types_of(events), 'open close', 'the list of events');
      // A library brings classes of its own, so that names are all that there is to compare.
      check(events[0] instanceof Event, 'open is no Event');
      check_equal(message.constructor.name, 'MessageEvent', 'the class of message');
      check_equal(events[1].constructor.name, 'CloseEvent', 'the class of close');
      for (const event of [...events, message]) {
        check_equal(event.bubbles, false, `bubbles of ${event.type}`);
        check_equal(event.cancelable, false, `cancelable of ${event.type}`);
      }
    },
  },
  {
    id: 'events/origin', section: 'feedback from the protocol',
    title: 'origin of a message event is that of url',
    async run({url, make}) {
      const event = await event_of(make(`${url}/greeting`), 'message', 'close');
      check_equal(event.origin, url, 'origin');
    },
  },
  {
    id: 'events/ping', section: 'feedback from the protocol',
    title: 'A Ping is answered, and nothing of it is seen',
    async run({url, make}) {
      const {type, data} = await event_of(make(`${url}/ping`), 'message', 'close');
      check_equal(type, 'message', 'the event');
      check_equal(data, 'are you there', 'what the Pong brought');
    },
  },

  // Messages.
  {
    id: 'message/text', section: 'feedback from the protocol',
    title: 'A text is a string, an empty one too, whatever binaryType is',
    async run({url, make}) {
      const socket = await opened(make(`${url}/echo`));
      for (const kind of ['blob', 'arraybuffer']) {
        socket.binaryType = kind;
        for (const text of ['', 'h\u00e9llo \u{1f600}', 'x'.repeat(70_000)]) {
          socket.send(text);
          const {data} = await event_of(socket, 'message', 'close');
          check(data === text, `a text of ${text.length} comes back different`);
        }
      }
    },
  },
  {
    id: 'message/blob', section: 'binaryType',
    title: 'Binary messages are Blobs by default',
    async run({url, make}) {
      const socket = await opened(make(`${url}/echo`));
      socket.send(new Uint8Array([0, 1, 254, 255]));
      const {data} = await event_of(socket, 'message', 'close');
      check(data instanceof Blob, 'data is no Blob');
      check_equal(data.type, '', 'its type');
      check_equal(String(await bytes_of(data)), '0,1,254,255', 'the bytes');
    },
  },
  {
    id: 'message/arraybuffer', section: 'binaryType',
    title: 'Binary messages are ArrayBuffers where binaryType says so',
    async run({url, make}) {
      const socket = await opened(make(`${url}/echo`));
      socket.binaryType = 'arraybuffer';
      for (const bytes of [[0, 1, 254, 255], []]) {
        socket.send(new Uint8Array(bytes));
        const {data} = await event_of(socket, 'message', 'close');
        check(data instanceof ArrayBuffer, 'data is no ArrayBuffer');
        check_equal(String(await bytes_of(data)), String(bytes), 'the bytes');
      }
    },
  },
  {
    id: 'message/binary-type', section: 'binaryType',
    title: 'binaryType takes blob and arraybuffer, and ignores everything else',
    run({url, make}) {
      const socket = make(`${url}/echo`);
      socket.binaryType = 'arraybuffer';
      check_equal(socket.binaryType, 'arraybuffer', 'binaryType');
      for (const other of ['', 'Blob', 'nodebuffer', 'fragments', null, undefined]) {
        socket.binaryType = other;
        check_equal(socket.binaryType, 'arraybuffer', `binaryType after ${show(other)}`);
      }
      socket.binaryType = 'blob';
      check_equal(socket.binaryType, 'blob', 'binaryType');
    },
  },
  {
    id: 'message/binary-type/changed', section: 'binaryType',
    title: 'binaryType may change between messages',
    async run({url, make}) {
      const socket = await opened(make(`${url}/echo`));
      for (const [kind, type] of [['arraybuffer', ArrayBuffer], ['blob', Blob],
        ['arraybuffer', ArrayBuffer]]) {
        socket.binaryType = kind;
        socket.send(new Uint8Array([1]));
        const {data} = await event_of(socket, 'message', 'close');
        check(data instanceof type, `data is no ${type.name} though binaryType is ${kind}`);
      }
    },
  },
  {
    id: 'message/while-closing', section: 'feedback from the protocol',
    title: 'A message that comes after close() is not told: readyState is not 1 any more',
    async run({url, make}) {
      const socket = await opened(make(`${url}/message-then-close`));
      const events = all_events(socket);
      socket.close(1000);
      check_equal(types_of(await events), 'close', 'the list of events');
    },
  },

  // send.
  ...table('send/data', 'What send takes: {}', kSend, {
    'a-string': ['abc', '1:616263'],
    'a-string-that-is-not-ASCII': ['\u00e9', '1:c3a9'],
    'a-lone-surrogate': ['\ud800', '1:efbfbd'],
    'an-empty-string': ['', '1:'],
    'a-number': [5, '1:35'],
    'null': [null, '1:6e756c6c'],
    'an-object': [{}, '1:5b6f626a656374204f626a6563745d'],
    'an-ArrayBuffer': [() => new Uint8Array([1, 2]).buffer, '2:0102'],
    'an-empty-ArrayBuffer': [() => new ArrayBuffer(0), '2:'],
    'a-Uint8Array': [() => new Uint8Array([1, 255]), '2:01ff'],
    'a-part-of-a-buffer': [() => new Uint8Array([0, 1, 2, 3]).subarray(1, 3), '2:0102'],
    'a-Uint16Array': [() => new Uint16Array([0x0101]), '2:0101'],
    'a-Float64Array': [() => new Float64Array(1), '2:0000000000000000'],
    'a-DataView': [() => new DataView(new Uint8Array([0, 7, 8]).buffer, 1), '2:0708'],
    'a-Blob': [() => new Blob(['ab', new Uint8Array([255])]), '2:6162ff'],
    'an-empty-Blob': [() => new Blob([]), '2:'],
  }, async ({url, make}, [data, wanted]) => {
    const socket = await opened(make(`${url}/count`));
    socket.send(typeof data === 'function' ? data() : data);
    const answer = await event_of(socket, 'message', 'close');
    check_equal(answer.data, wanted, 'what came, type and bytes,');
  }),
  {
    id: 'send/no-argument', section: kSend,
    title: 'Without data, send throws a TypeError',
    async run({url, make}) {
      const socket = await opened(make(`${url}/echo`));
      check_throws('TypeError', () => socket.send(), 'send()');
    },
  },
  {
    id: 'send/connecting', section: kSend,
    title: 'Before the opening, send throws an InvalidStateError',
    run({url, make}) {
      const socket = make(`${url}/never`);
      check_throws('InvalidStateError', () => socket.send('early'), 'send');
      check_equal(socket.bufferedAmount, 0, 'bufferedAmount');
    },
  },
  {
    id: 'send/copied', section: kSend,
    title: 'Bytes are taken as they are at the call; later changes do not show',
    async run({url, make}) {
      const socket = await opened(make(`${url}/count`));
      const bytes = new Uint8Array([1, 2, 3]);
      socket.send(bytes);
      bytes.fill(9);
      const {data} = await event_of(socket, 'message', 'close');
      check_equal(data, '2:010203', 'what came');
    },
  },
  {
    id: 'send/order', section: kSend,
    title: 'Messages are sent in the order of the calls, Blobs among them',
    async run({url, make}) {
      const socket = await opened(make(`${url}/count`));
      const came = [];
      const all = new Promise((resolve) => socket.addEventListener('message', ({data}) => {
        came.push(data);
        if (came.length === 4) resolve();
      }));
      socket.send(new Blob(['a'.repeat(3)]));
      socket.send('b');
      socket.send(new Blob(['c']));
      socket.send(new Uint8Array([0x64]));
      await Promise.race([all, event_of(socket, 'close')]);
      check_equal(came.join(' '), '2:616161 1:62 2:63 2:64', 'what came');
    },
  },
  {
    id: 'send/closing', section: kSend,
    title: 'After close(), send does not throw, and sends nothing',
    async run({url, make}) {
      const socket = await opened(make(`${url}/echo`));
      const events = all_events(socket);
      socket.close();
      socket.send('late');
      check_equal(types_of(await events), 'close', 'the list of events');
      socket.send('later');
    },
  },
  {
    id: 'send/before-close', section: kClose,
    title: 'What was sent before close() arrives before the Close',
    async run({url, make}) {
      const observer = await opened(make(`${url}/count`));
      const text = 'x'.repeat(1_000_000);
      const closed = event_of(observer, 'close');
      observer.send(text);
      observer.close(1000);
      check_close(await closed, {code: 1000, clean: true});
    },
  },

  // bufferedAmount.
  ...table('buffered-amount/grows', 'bufferedAmount grows by the bytes of {} until the task is over',
    'bufferedAmount', {
      'a-text': ['abc', 3], 'a-text-that-is-not-ASCII': ['\u00e9\u{1f600}', 6],
      'an-ArrayBuffer': [() => new ArrayBuffer(5), 5],
      'a-part-of-a-buffer': [() => new Uint16Array(4).subarray(1, 3), 4],
      'a-Blob': [() => new Blob(['1234567']), 7],
    }, async ({url, make}, [data, size]) => {
      const socket = await opened(make(`${url}/echo`));
      const value = typeof data === 'function' ? data() : data;
      socket.send(value);
      check_equal(socket.bufferedAmount, size, 'bufferedAmount after one send');
      socket.send(value);
      check_equal(socket.bufferedAmount, 2 * size, 'bufferedAmount after another');
    }),
  {
    id: 'buffered-amount/falls', section: 'bufferedAmount',
    title: 'bufferedAmount is 0 once everything has gone',
    async run({url, make}) {
      const socket = await opened(make(`${url}/echo`));
      socket.send('x'.repeat(100_000));
      await event_of(socket, 'message', 'close');
      check_equal(socket.bufferedAmount, 0, 'bufferedAmount after the echo');
    },
  },
  {
    id: 'buffered-amount/closing', section: 'bufferedAmount',
    title: 'After close(), send adds to bufferedAmount all the same',
    async run({url, make}) {
      const socket = await opened(make(`${url}/no-close`));
      socket.close();
      const before = socket.bufferedAmount;
      socket.send('12345');
      check_equal(socket.bufferedAmount, before + 5, 'bufferedAmount');
    },
  },
  {
    id: 'buffered-amount/closed', section: 'bufferedAmount',
    title: 'On a closed WebSocket bufferedAmount only grows, by texts, buffers and Blobs',
    async run({url, make}) {
      const socket = await opened(make(`${url}/echo`));
      const closed = event_of(socket, 'close');
      socket.close();
      await closed;
      let size = socket.bufferedAmount;
      for (const [data, added] of [['\u00e9', 2], [new ArrayBuffer(3), 3],
        [new Uint8Array(4), 4], [new Blob(['12345']), 5]]) {
        socket.send(data);
        check_equal(socket.bufferedAmount, size += added, 'bufferedAmount');
      }
    },
  },

  // close.
  ...table('close/code', 'close() with a code that is {} throws an InvalidAccessError', kClose, {
    0: 0, 999: 999, 1001: 1001, 1002: 1002, 1005: 1005, 1006: 1006, 1011: 1011, 2999: 2999,
    5000: 5000, 65535: 65535, negative: -1, null: null, NaN: NaN, 'a-word': 'word',
  }, async ({url, make}, code) => {
    const socket = await opened(make(`${url}/echo`));
    check_throws('InvalidAccessError', () => socket.close(code), `close(${show(code)})`);
    check_equal(socket.readyState, 1, 'readyState');
  }),
  ...table('close/code', 'close({}) sends that code, and the close event has it', kClose, {
    1000: 1000, 3000: 3000, 4000: 4000, 4999: 4999,
  }, async ({url, make}, code) => {
    const socket = await opened(make(`${url}/echo`));
    const closed = event_of(socket, 'close');
    socket.close(code);
    check_close(await closed, {code, clean: true});
  }),
  ...table('close/sent', 'What the Close has in it after close with {}', kClose, {
    nothing: [[], 'empty'], undefined: [[undefined], 'empty'], 1000: [[1000], '1000'],
    '3456-and-a-reason': [[3456, 'why'], '3456'],
    '3000.5-which-is-clamped-to-an-integer': [[3000.5], '3000'],
  }, async ({url, make}, [words, wanted]) => {
    const socket = await opened(make(`${url}/mirror-close`));
    const closed = event_of(socket, 'close');
    socket.close(...words);
    check_close(await closed, {code: 4000, reason: wanted, clean: true});
  }),
  {
    id: 'close/reason', section: kClose,
    title: 'The reason goes there and back as it is',
    async run({url, make}) {
      const socket = await opened(make(`${url}/echo`));
      const closed = event_of(socket, 'close');
      socket.close(1000, 'because \u00e9\u{1f600}');
      check_close(await closed, {code: 1000, reason: 'because \u00e9\u{1f600}', clean: true});
    },
  },
  {
    id: 'close/reason/longest', section: kClose,
    title: 'A reason of 123 bytes is sent',
    async run({url, make}) {
      const socket = await opened(make(`${url}/echo`));
      const closed = event_of(socket, 'close');
      socket.close(1000, 'r'.repeat(123));
      check_close(await closed, {code: 1000, reason: 'r'.repeat(123), clean: true});
    },
  },
  ...table('close/reason', 'close() with {} throws a SyntaxError', kClose, {
    'a-reason-of-124-bytes': 'r'.repeat(124), 'a-reason-of-62-letters-in-124-bytes': '\u00e9'.repeat(62),
  }, async ({url, make}, reason) => {
    const socket = await opened(make(`${url}/echo`));
    check_throws('SyntaxError', () => socket.close(1000, reason), 'close');
    check_equal(socket.readyState, 1, 'readyState');
  }),
  {
    id: 'close/reason/surrogate', section: kClose,
    title: 'A lone surrogate in a reason is sent as U+FFFD',
    async run({url, make}) {
      const socket = await opened(make(`${url}/echo`));
      const closed = event_of(socket, 'close');
      socket.close(1000, '\ud800');
      check_close(await closed, {code: 1000, reason: '\ufffd', clean: true});
    },
  },
  {
    id: 'close/errors-when-closed', section: kClose,
    title: 'A bad code or reason throws on a closed WebSocket too',
    async run({url, make}) {
      const socket = await opened(make(`${url}/close?code=1000`));
      await event_of(socket, 'close');
      check_throws('InvalidAccessError', () => socket.close(1), 'close(1)');
      check_throws('SyntaxError', () => socket.close(1000, 'r'.repeat(124)), 'a long reason');
    },
  },
  {
    id: 'close/twice', section: kClose,
    title: 'A second close() does nothing',
    async run({url, make}) {
      const socket = await opened(make(`${url}/echo`));
      const events = all_events(socket);
      socket.close(3000, 'first');
      socket.close(3001, 'second');
      const all = await events;
      check_equal(types_of(all), 'close', 'the list of events');
      check_close(all[0], {code: 3000, reason: 'first', clean: true});
      socket.close();
      check_equal(socket.readyState, 3, 'readyState');
    },
  },
  {
    id: 'close/connecting', section: kClose,
    title: 'close() before the opening fails the connection: readyState 2, error, close of 1006',
    async run({url, make}) {
      const socket = make(`${url}/never`);
      const failed = check_failed(socket, {opens: false});
      let inside = true;
      let too_early = false;
      socket.addEventListener('close', () => (too_early = inside));
      socket.close();
      inside = false;
      check_equal(socket.readyState, 2, 'readyState');
      await failed;
      check(!too_early, 'the events come while close() runs');
    },
  },
  {
    id: 'close/in-open', section: kClose,
    title: 'close() in the open event closes cleanly',
    async run({url, make}) {
      const socket = make(`${url}/echo`);
      socket.onopen = () => socket.close(4001, 'enough');
      const events = await all_events(socket);
      check_equal(types_of(events), 'open close', 'the list of events');
      check_close(events[1], {code: 4001, reason: 'enough', clean: true});
    },
  },

  // Closed by the server, or by a fault of it.
  ...table('closed/code', 'A server that closes with {}', 'feedback from the protocol', {
    1000: ['code=1000', 1000, ''], 1001: ['code=1001&reason=away', 1001, 'away'],
    1011: ['code=1011', 1011, ''], 1012: ['code=1012', 1012, ''],
    '4999-and-a-reason': ['code=4999&reason=%C3%A9', 4999, '\u00e9'],
    'no-code-is-told-as-1005': ['', 1005, ''],
  }, async ({url, make}, [query, code, reason]) => {
    const socket = make(`${url}/close?${query}`);
    const events = await all_events(socket);
    check_equal(types_of(events), 'open close', 'the list of events');
    check_close(events[1], {code, reason, clean: true});
    check_equal(socket.readyState, 3, 'readyState');
  }),
  ...table('closed/dropped', 'A connection that ends without a Close is told as 1006: {}',
    'feedback from the protocol', {'by-the-end-of-TCP': '/drop', 'by-a-reset': '/reset'},
    async ({url, make}, path) => {
      const events = await all_events(make(url + path));
      // A reset may come before the opening has been read.
      check_equal(types_of(events.filter(({type}) => type === 'close')), 'close', 'the end');
      check_close(events.at(-1), {code: 1006, clean: false});
    }),
  ...table('closed/failed', 'A peer that breaks the protocol fails the connection, with {}',
    'RFC 6455 7.1.7', {
      'text-that-is-not-UTF-8': '/bad-utf8', 'a-masked-frame': '/masked', 'a-reserved-bit': '/rsv',
      'a-code-of-1005-on-the-wire': '/close?code=1005&after',
      'a-code-of-1006-on-the-wire': '/close?code=1006&after',
    }, ({url, make}, path) => check_failed(make(url + path), {opens: true})),
  {
    id: 'closed/failed/at-once', section: 'feedback from the protocol',
    title: 'A broken frame in one piece with the opening: the connection opens first, then it fails',
    async run({url, make}) {
      // Many times, since it may depend on how the bytes are read.
      for (let i = 0; i < 30; ++i) {
        const events = await all_events(make(`${url}/rsv?at-once`));
        check_equal(types_of(events), 'open error close', 'the list of events');
      }
    },
  },
];

const kSeconds = 5;

/// Runs one test. Returns its row of the run file.
async function run_test(test, WebSocket, url) {
  const sockets = [];
  const make = (...words) => {
    const socket = new WebSocket(...words);
    // Whoever has no listener for errors gets them thrown, where there is such a thing.
    socket.addEventListener('error', () => {});
    sockets.push(socket);
    return socket;
  };
  const begin = performance.now();
  const row = {id: test.id, title: test.title, source: `WebSockets Standard, ${test.section}`};
  if (test.section.startsWith('RFC')) row.source = test.section;
  let timer;
  const limit = new Promise((resolve, reject) => {
    timer = setTimeout(
      () => reject(new Deviation(`what should happen had not after ${kSeconds} s`)), kSeconds * 1000);
  });
  try {
    await Promise.race([(async () => test.run({WebSocket, url, make}))(), limit]);
    row.verdict = 'pass';
  } catch (error) {
    row.verdict = error instanceof Unsupported ? 'unsupported' : 'fail';
    row.reason = error instanceof Deviation || error instanceof Unsupported
      ? error.message : `it throws ${error?.name}: ${error?.message}`;
  }
  clearTimeout(timer);
  row.duration_ms = Math.round((performance.now() - begin) * 1000) / 1000;
  for (const socket of sockets) {
    try {
      socket.close();
    } catch {
      // What close does is tested above.
    }
  }
  return row;
}

/// Runs all tests against the server at `url`, which has no slash at its end.
export async function run_all(WebSocket, url) {
  const rows = [];
  for (const test of tests) rows.push(await run_test(test, WebSocket, url));
  return rows;
}
