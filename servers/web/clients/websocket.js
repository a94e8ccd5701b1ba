/* WebSocket: one connection, which carries messages both ways. */

export async function send(room, draft) {
  if (room.socket?.readyState !== WebSocket.OPEN) throw new Error("The socket is not open.");
  room.socket.send(JSON.stringify({ type: "send", ...draft }));
  return new Promise((done, fail) => { room.sending = { id: draft.id, done, fail }; });
}

export async function receive(room) {
  const socket = room.socket = room.introduced(new WebSocket(room.url(`socket?${room.cursor}`).replace("http", "ws")));
  const on = {
    ready: ({ epoch }) => room.take({ messages: [], epoch }), reset: (gap) => room.reset(gap),
    message: (message) => room.take({ messages: [message], epoch: room.epoch }),
    ack: (receipt) => receipt.id === room.sending?.id && room.sending.done(receipt),
    error: (problem) => [null, room.sending?.id].includes(problem.id) && room.sending?.fail(room.refusal(problem)),
  };
  socket.onmessage = ({ data }) => { const { type, ...frame } = JSON.parse(data); on[type](frame); };
  await new Promise((ended) => { socket.onclose = ended; });
  room.sending?.fail(new Error("The socket closed."));
}
