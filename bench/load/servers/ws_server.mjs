// `ws`, with bufferutil if that was built. Prints "listening on URL" when ready. ws_server.mjs MODULE
const {WebSocketServer} = await import(process.argv[2]);

const server = new WebSocketServer({
  host: '127.0.0.1', port: 0, perMessageDeflate: false, maxPayload: 64 * 1024 * 1024,
});
server.on('connection', (socket) => {
  socket.on('error', () => {}); // `ws` closes the connection itself
  socket.on('message', (data, binary) => socket.send(data, {binary}));
});
server.on('listening', () => {
  console.log(`listening on ws://127.0.0.1:${server.address().port}/`);
});
