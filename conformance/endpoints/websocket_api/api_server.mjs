// The server that the tests of the WebSocket API talk to: api_server.mjs [PORT]
//
// It prints its URL. What a connection is for is its path, with options in the query; bytes are
// written by hand, since half of it is what no WebSocket library does: refusals, and broken peers.
import {createHash} from 'node:crypto';
import {createServer} from 'node:http';

const opcodes = {text: 1, binary: 2, close: 8, ping: 9, pong: 10};

function accept_key(key) {
  return createHash('sha1').update(key + '258EAFA5-E914-47DA-95CA-C5AB0DC85B11').digest('base64');
}

function frame(opcode, payload = Buffer.alloc(0), {masked = false} = {}) {
  const size = payload.length;
  const length = size < 126 ? [size] : size < 65536
    ? [126, size >> 8, size & 255]
    : [127, 0, 0, 0, 0, ...[24, 16, 8, 0].map((shift) => (size >>> shift) & 255)];
  length[0] |= masked ? 128 : 0;
  return Buffer.concat([
    Buffer.from([128 | opcode, ...length, ...(masked ? [0, 0, 0, 0] : [])]), payload]);
}

function close_payload(query) {
  if (!query.has('code')) return Buffer.alloc(0);
  const code = Number(query.get('code'));
  return Buffer.concat([
    Buffer.from([code >> 8, code & 255]), Buffer.from(query.get('reason') ?? '')]);
}

/// Calls `on_frame` with each frame that a client sends.
function read_frames(socket, on_frame) {
  let input = Buffer.alloc(0);
  socket.on('data', (read) => {
    input = Buffer.concat([input, read]);
    while (input.length >= 6) {
      let size = input[1] & 127;
      let begin = 2;
      if (size === 126) [size, begin] = [input.readUInt16BE(2), 4];
      else if (size === 127) [size, begin] = [Number(input.readBigUInt64BE(2)), 10];
      if (input.length < begin + 4 + size) return;
      const key = input.subarray(begin, begin + 4);
      const payload = Buffer.from(input.subarray(begin + 4, begin + 4 + size));
      for (let i = 0; i < size; ++i) payload[i] ^= key[i & 3];
      on_frame({fin: input[0] >= 128, opcode: input[0] & 15, payload});
      input = input.subarray(begin + 4 + size);
    }
  });
}

function break_with(socket, bytes) {
  return ({opcode}) => (opcode === opcodes.close ? socket.end() : socket.write(bytes));
}

/// What happens on a connection once it is open, by path. Each gets the socket, the query and the
/// request; what it returns takes the frames, instead of the answers that a right server gives.
const services = {
  '/echo'() {},
  '/protocol'() {},
  // Tells what the client asked for.
  '/request'(socket, query, request) {
    const {headers, url} = request;
    socket.write(frame(opcodes.text, Buffer.from(JSON.stringify({url, headers}))));
  },
  '/greeting'(socket) {
    socket.write(Buffer.concat([
      frame(opcodes.text, Buffer.from('first')),
      frame(opcodes.binary, Buffer.from([0, 1, 254, 255])), frame(opcodes.text)]));
  },
  '/close'(socket, query) {
    const close = () => socket.write(frame(opcodes.close, close_payload(query)));
    if (!query.has('after')) close();
    // The client's Close ends it.
    return ({opcode}) => (opcode === opcodes.close ? socket.end() : close());
  },
  // Tells the Close that the client sent in the reason of its own.
  '/mirror-close'(socket) {
    return ({opcode, payload}) => {
      if (opcode !== opcodes.close) return;
      const told = payload.length === 0 ? 'empty' : `${payload.readUInt16BE(0)}`;
      socket.write(frame(opcodes.close, Buffer.from([15, 160, ...Buffer.from(told)]))); // 4000
      socket.end();
    };
  },
  '/message-then-close'(socket) {
    return ({opcode}) => {
      if (opcode !== opcodes.close) return;
      socket.end(Buffer.concat([
        frame(opcodes.text, Buffer.from('late')), frame(opcodes.close, Buffer.from([3, 232]))]));
    };
  },
  '/drop'(socket) {
    socket.end();
  },
  '/reset'(socket) {
    socket.resetAndDestroy();
  },
  '/no-close'(socket) {
    return () => {};
  },
  // Break the protocol, once the client has sent something, and end when it sends a Close.
  '/bad-utf8'(socket) {
    return break_with(socket, frame(opcodes.text, Buffer.from([0xc3, 0x28])));
  },
  '/masked'(socket) {
    return break_with(socket, frame(opcodes.text, Buffer.from('masked'), {masked: true}));
  },
  '/rsv'(socket, query) {
    const bytes = frame(opcodes.text, Buffer.from('rsv'));
    bytes[0] |= 0x20;
    if (query.has('at-once')) socket.write(bytes);
    return break_with(socket, bytes);
  },
  '/ping'(socket) {
    socket.write(frame(opcodes.ping, Buffer.from('are you there')));
    return ({opcode, payload}) => {
      if (opcode === opcodes.pong) socket.write(frame(opcodes.text, payload));
      if (opcode === opcodes.close) socket.end(frame(opcodes.close, payload));
    };
  },
  // Counts what comes: type and length of each message, told as one text.
  '/count'(socket) {
    return ({opcode, payload}) => {
      if (opcode === opcodes.close) socket.end(frame(opcodes.close, payload));
      else socket.write(frame(opcodes.text, Buffer.from(`${opcode}:${payload.toString('hex')}`)));
    };
  },
};

function open(request, socket) {
  const {pathname, searchParams: query} = new URL(request.url, 'http://server/');
  // Whoever resets a connection, or writes to one that is over, is no error here.
  socket.on('error', () => {});
  if (pathname === '/never') return;
  if (pathname === '/status') {
    socket.end(`HTTP/1.1 ${query.get('status')} No\r\nContent-Length: 0\r\n` +
      (query.has('location') ? `Location: ${query.get('location')}\r\n` : '') + '\r\n');
    return;
  }
  const service = services[pathname];
  const fields = {
    Upgrade: 'websocket', Connection: 'Upgrade',
    'Sec-WebSocket-Accept': accept_key(request.headers['sec-websocket-key'] ?? ''),
  };
  if (query.has('choose')) fields['Sec-WebSocket-Protocol'] = query.get('choose');
  if (query.has('extensions')) fields['Sec-WebSocket-Extensions'] = query.get('extensions');
  if (query.has('accept')) fields['Sec-WebSocket-Accept'] = query.get('accept');
  if (query.has('without')) delete fields[query.get('without')];
  // What a service writes at once leaves with the head.
  socket.cork();
  process.nextTick(() => socket.uncork());
  const head = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`).join('');
  socket.write(`HTTP/1.1 101 Switching Protocols\r\n${head}\r\n`);
  const on_frame = service?.(socket, query, request) ?? (({opcode, payload, fin}) => {
    if (opcode === opcodes.close) {
      socket.end(frame(opcodes.close, payload));
    } else if (opcode === opcodes.text || opcode === opcodes.binary || opcode === 0) {
      const bytes = frame(opcode, payload);
      if (!fin) bytes[0] &= 127;
      socket.write(bytes);
    }
  });
  read_frames(socket, on_frame);
}

const server = createServer((request, response) => response.writeHead(404).end());
server.on('upgrade', open);
server.listen(Number(process.argv[2] ?? 0), '127.0.0.1', () => {
  console.log(`ws://127.0.0.1:${server.address().port}`);
});
