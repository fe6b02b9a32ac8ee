// The demo's upstream on Node.js: argument 1 is keepAliveTimeout in milliseconds.
// GET /stat answers two numbers: connections accepted, requests executed more than once.
const http = require('http');
let connections = 0;
let twice = 0;
const executed = new Map();
const server = http.createServer((request, response) => {
  if (request.url === '/stat') {
    response.end(`${connections} ${twice}`);
    return;
  }
  request.on('data', () => {});
  request.on('end', () => {
    const id = request.headers['x-request-id'];
    const times = (executed.get(id) || 0) + 1;
    executed.set(id, times);
    if (times === 2) twice++;
    response.end('ok');
  });
});
server.keepAliveTimeout = Number(process.argv[2]);
server.on('connection', (socket) => {
  connections++;
  socket.setNoDelay(true);
});
server.listen(0, '127.0.0.1', 1024, () =>
  console.log(`ready ${server.address().port} ${process.version}`));
