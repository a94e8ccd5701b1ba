// The same chat on Node's `ws`: its way to broadcast, a send() to each, of one Buffer; no compression, no pings.
// Says its port on stdout, takes send frames, and passes them on to all in the room.

const { WebSocketServer } = require("ws");

const rooms = new Map(); // room -> { log, members }
const server = new WebSocketServer({ host: "127.0.0.1", port: 0, backlog: 4096, perMessageDeflate: false });

server.on("listening", () => console.log(server.address().port));
server.on("connection", (connection, request) => {
  if (!rooms.has(request.url)) rooms.set(request.url, { log: [], members: new Set() });
  const { log, members } = rooms.get(request.url);
  members.add(connection);
  connection.on("close", () => members.delete(connection));
  connection.on("message", (frame) => {
    log.push({ seq: log.length + 1, ...JSON.parse(frame) });
    const data = Buffer.from(JSON.stringify({ ...log.at(-1), type: "message" }));
    for (const member of members) member.send(data, { binary: false });
  });
});
