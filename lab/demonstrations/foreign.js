/* What a page tries with a chat: to read a room and to write into it, by one transport, with whatever the browser sends along.
   The same script runs in the chat's own page, where it must succeed, and in the pages of strangers. */

({ base, mount, transport, room, act, id, text, patience }) => {
  const http = `${base}${mount}/rooms/${room}`;
  const draft = { id, sender: "Ada", text };
  const json = { "Content-Type": "application/json" };

  /** A WebSocket, which shows the session's token first, where this page can find it out. */
  const open = async () => {
    const token = await fetch(`${base}/session`, { credentials: "include" }).then((answer) => answer.json()).then((it) => it.token).catch(() => "");
    const socket = new WebSocket(`${http.replace("http", "ws")}/socket`);
    socket.addEventListener("open", () => { if (token) socket.send(JSON.stringify({ type: "auth", token })); });
    return socket;
  };
  const poll = async () => (await (await fetch(`${http}/messages?after=0`, { credentials: "include" })).json()).messages;
  const post = (how) => fetch(`${http}/messages`, { method: "POST", body: JSON.stringify(draft), credentials: "include", ...how });

  const reads = {
    "short-polling": poll,
    "long-polling": poll,
    sse: () => new Promise((heard, fail) => {
      const source = new EventSource(`${http}/events`, { withCredentials: true });
      source.onmessage = ({ data }) => { heard([JSON.parse(data)]); source.close(); };
      source.onerror = () => { fail(new Error("no stream")); source.close(); };
    }),
    websocket: async () => {
      const socket = await open();
      return new Promise((heard, fail) => {
        socket.onmessage = ({ data }) => {
          const frame = JSON.parse(data);
          if (frame.type !== "message") return;
          heard([frame]);
          socket.close();
        };
        socket.onclose = () => fail(new Error("closed"));
      });
    },
  };

  const writes = {
    async websocket() {
      const socket = await open();
      return new Promise((done, fail) => {
        socket.addEventListener("open", () => socket.send(JSON.stringify({ type: "send", ...draft })));
        socket.onmessage = ({ data }) => { if (JSON.parse(data).type !== "ready") { done([]); socket.close(); } };
        socket.onclose = () => fail(new Error("closed"));
      });
    },
    async http() {
      await post({ headers: json }).catch(() => {}); // a browser asks first whether another origin may (CORS preflight)
      await post({ mode: "no-cors" }).catch(() => {}); // as a form is sent: nobody is asked, but it cannot be JSON
      return [];
    },
  };

  const tried = act === "read" ? reads[transport]() : (writes[transport] ?? writes.http)();
  const late = new Promise((_, fail) => { setTimeout(fail, patience * 1000, new Error("nothing came")); });
  return Promise.race([tried, late]).then((messages) => messages.map((message) => message.text)).catch(() => []);
}
