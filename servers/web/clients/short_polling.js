/* Short polling: ask again and again. Each answer comes at once, with news or without. */

export async function send(room, draft) {
  return room.post("messages", draft);
}

export async function receive(room) {
  for (;;) {
    const page = await room.get(`messages?${room.cursor}`);
    room.take(page);
    await room.rest(page);
  }
}
