// The upstream on Node.js: argument 1 is keepAliveTimeout in milliseconds, 2 on how many ports it listens.
// GET /stat answers three numbers: connections accepted, requests executed more than once, POSTs among those.
const http = require('http');
let connections = 0;
let twice = 0;
let postsTwice = 0;
const executed = new Map();
const answer = (request, response) => {
  if (request.url === '/stat') {
    response.end(`${connections} ${twice} ${postsTwice}`);
    return;
  }
  request.on('data', () => {});
  request.on('end', () => {
    const id = request.headers['x-request-id'];
    const times = (executed.get(id) || 0) + 1;
    executed.set(id, times);
    if (times === 2) twice++;
    if (times === 2 && request.method === 'POST') postsTwice++;
    response.end('ok');
  });
};
const ports = [];
const wanted = Number(process.argv[3]);
for (let i = 0; i < wanted; i++) {
  const server = http.createServer(answer);
  server.keepAliveTimeout = Number(process.argv[2]);
  server.on('connection', (socket) => {
    connections++;
    socket.setNoDelay(true);
  });
  server.listen(0, '127.0.0.1', 1024, () => {
    ports.push(server.address().port);
    if (ports.length === wanted) console.log(`ready ${ports.join(',')} ${process.version}`);
  });
}
