/* Long polling: ask, and wait for the answer, which comes when there is news. Then ask again. */

export async function send(room, draft) {
  return room.post("messages", draft);
}

export async function receive(room) {
  for (;;) {
    const page = await room.hold(`messages?${room.cursor}`);
    room.take(page);
  }
}
