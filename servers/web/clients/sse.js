/* Server-sent events: ask once. The answer never ends: each message is one more piece of it. */

export async function send(room, draft) {
  return room.post("messages", draft);
}

export async function receive(room) {
  const source = room.source = new EventSource(room.url(`events?${room.cursor}`));
  source.onopen = () => room.connected();
  source.onmessage = ({ data, lastEventId }) => {
    room.take({ messages: [JSON.parse(data)], epoch: lastEventId.split("-")[0] });
  };
  source.addEventListener("reset", ({ data }) => room.reset(JSON.parse(data)));
  await new Promise((ended) => { source.onerror = ended; });
  source.close(); // by itself it would come back after a fixed time, and never after an HTTP error
}
