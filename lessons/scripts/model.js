"use strict";
/* What each transport should take and cost: the forms of lab/model/ for messages at random moments, in a script of its
   own for pages that can ask no server. Its constants are those of lab/model/export.py. A test holds its answers to
   lab/model's over a grid of conditions: bytes are within 1.5 %, since a name or a cursor has the length of a typical one
   here, and all else is the same. Times are in seconds, sizes in bytes of IP packets, both ways. No function knows of a
   page. */

globalThis.pollsApart ??= {};

pollsApart.model = (() => {
  const transports = ["short-polling", "long-polling", "sse", "websocket"];
  const titles = {
    "short-polling": "Short polling", "long-polling": "Long polling", sse: "SSE", websocket: "WebSocket",
  };
  const requests = ["post", "news", "blank", "unchanged", "held", "expired"];
  const crowded = 0.9; // of the time: a sender that waits so much for its answers falls behind (lab/model/waits.py)
  const steps = 16; // in which a uniform wait is added to another

  /* ---- what is said (lab/model/wire.py, exchange.py) ---- */

  /* The JSON of an answer with so many messages. */
  const page = (wire, messages) => wire.page + messages * wire.message + Math.max(0, messages - 1);

  /* A poll and its answer: a head and a body, each acknowledged; of a long body, every second segment. */
  function answered(wire, head, messages) {
    const body = page(wire, messages);
    const segments = Math.ceil(body / wire.segment);
    return wire.poll + head + body + wire.headers * (1 + 1 + segments + 1 + Math.ceil(segments / 2));
  }

  const short = (wire, messages) => answered(wire, wire.heads.short, messages);

  /* The last acknowledgement rides along with the next poll; one that is held for long is acknowledged by itself. */
  const long = (wire, messages, held) => answered(wire, wire.heads.long, messages) + wire.headers * (held - 1);

  /* ---- how often it is said to one client in a second (lab/model/traffic.py, quiet.py) ---- */

  const none = (rate, seconds) => Math.exp(-rate * seconds); // the chance that no message comes in that time
  const geometric = (x) => x / (1 - x);
  const silences = (rate, seconds) => (rate ? rate * geometric(none(rate, seconds)) : 1 / seconds);

  /* The kernel's questions whether somebody is there, on a connection whose spells end by a message or by one of so
     many `others` a second, `within` seconds at the latest. */
  function probes(wire, rate, others, within) {
    const times = Math.max(0, Math.ceil(within / wire.times.probe) - 1);
    let found = 0;
    for (let n = 1; n <= times; n++) found += none(rate, n * wire.times.probe);
    return (rate + others) * found;
  }

  /* How far apart polls are: an answer that outlasts its tick makes the client skip to the next one. */
  const ticksApart = (interval, answer) => interval * (Math.floor(answer / interval) + 1);

  /* While a long poll's answer and the next poll are under way, nobody waits at the server. */
  const gap = (rate, seconds) => ({ seconds, held: none(rate, seconds), caught: rate * seconds });
  const perAnswer = (between) => between.held + between.caught;

  function listening(transport, wire, given, back) {
    const { rate, interval } = given;
    const { exchanges, times } = wire;
    if (transport === "short-polling") {
      const apart = ticksApart(interval, back);
      const [empty, again] = [none(rate, apart), none(rate, 2 * apart)];
      const each = (rate * apart) / (1 - empty);
      return [
        ["news", (1 - empty) / apart, short(wire, each)],
        ["blank", (empty - again) / apart, short(wire, 0)],
        ["unchanged", again / apart, exchanges.unchanged],
        ["probe", probes(wire, 0, 1 / apart, apart), exchanges.probe],
      ];
    }
    if (transport === "long-polling") {
      const between = gap(rate, back);
      const expired = silences(rate, times.hold + back);
      return [
        ["held", rate / perAnswer(between), long(wire, perAnswer(between), none(rate, back + wire.delay))],
        ["expired", expired, long(wire, 0, 1)],
        ["probe", probes(wire, rate, expired, times.hold), exchanges.probe],
      ];
    }
    const beats = transport === "sse" ? silences(rate, times.quiet) : silences(rate / wire.participants, times.quiet);
    return [
      [transport === "sse" ? "event" : "frame", rate, transport === "sse" ? exchanges.event : exchanges.frame],
      [transport === "sse" ? "comment" : "ping", beats, transport === "sse" ? exchanges.comment : exchanges.ping],
      ["probe", probes(wire, rate, beats, times.quiet), exchanges.probe],
    ];
  }

  /* All that happens to one client: [what, times a second, bytes]. Everybody in a room writes its share. */
  function traffic(transport, wire, given, work = 0) {
    const own = given.rate / wire.participants;
    const heard = listening(transport, wire, given, given.roundTrip + work);
    if (transport === "websocket") return [...heard, ["send", own, wire.exchanges.send]];
    const { post, probe } = wire.exchanges;
    return [...heard, ["post", own, post], ["probe", silences(own, wire.times.probe), probe]];
  }

  /* ---- how long a message waits (lab/model/waits.py): pieces of messages whose waits are uniform ---- */

  function waits(transport, wire, given) {
    const { rate, interval, roundTrip } = given;
    let pieces = [{ share: 1, low: 0, high: 0 }];
    if (transport === "short-polling") pieces = [{ share: 1, low: 0, high: ticksApart(interval, roundTrip) }];
    if (transport === "long-polling") {
      const between = gap(rate, roundTrip);
      const atOnce = between.held / perAnswer(between);
      pieces = [{ share: atOnce, low: 0, high: 0 }, { share: 1 - atOnce, low: 0, high: roundTrip }];
    }
    if (transport === "websocket") return pieces;
    const busy = (rate / wire.participants) * roundTrip; // a sender posts one message after the other
    if (busy >= crowded) return null;
    const before = [{ share: 1 - busy, low: 0, high: 0 }, { share: busy, low: 0, high: roundTrip / (1 - busy) }];
    return atoms(before).flatMap(([part, shift]) =>
      pieces.map(({ share, low, high }) => ({ share: share * part, low: low + shift, high: high + shift })));
  }

  function atoms(pieces) {
    return pieces.flatMap(({ share, low, high }) => {
      const count = share ? (high > low ? steps : 1) : 0;
      return Array.from({ length: count }, (_, n) => [share / count, low + ((high - low) * (n + 0.5)) / count]);
    });
  }

  function quantile(pieces, q) {
    const below = (seconds) => pieces.reduce((sum, { share, low, high }) =>
      sum + share * (seconds >= high ? 1 : seconds < low ? 0 : (seconds - low) / (high - low)), 0);
    let [low, high] = [0, Math.max(...pieces.map((piece) => piece.high))];
    if (below(0) >= q) return 0;
    for (let n = 0; n < 60; n++) {
      const middle = (low + high) / 2;
      if (below(middle) >= q) high = middle; else low = middle;
    }
    return high;
  }

  /* The time within which a share of the messages arrives; null where a sender could not keep up. The server's work
     is left out: it takes well under a millisecond. */
  function within(transport, wire, given, share) {
    const pieces = waits(transport, wire, given);
    return pieces && given.roundTrip + quantile(pieces, share);
  }

  /* ---- what it costs (lab/model/machine.py, million.py) ---- */

  const takes = (machine, name) => machine.seconds[machine.same[name] ?? name] ?? 0;

  /* For one client: bytes and requests a second, and CPU seconds a second beside what an idle server takes. */
  function cost(transport, wire, machine, given) {
    const told = transport === "short-polling" ? 1 : wire.participants;
    const parts = traffic(transport, wire, given, told * takes(machine, machine.each[transport]));
    const sum = (of) => parts.reduce((total, part) => total + of(part), 0);
    return {
      bytes: sum(([, often, bytes]) => often * bytes),
      requests: sum(([name, often]) => (requests.includes(name) ? often : 0)),
      cpu: sum(([name, often]) => often * takes(machine, name)),
    };
  }

  /* For all: a process is busy for so much of a CPU at most, and takes so many connections. */
  function crowd(transport, wire, machine, given) {
    const each = cost(transport, wire, machine, given);
    const idle = machine.seconds.idle ?? 0;
    const busy = each.cpu * given.clients;
    const sockets = given.clients * (transport === "websocket" ? 1 : 2);
    const processes = Math.ceil(Math.max(busy / (machine.full - idle), sockets / machine.connections));
    const [bytes, requests] = [each.bytes * given.clients, each.requests * given.clients];
    return { bytes, requests, cpu: busy + processes * idle, processes };
  }

  /* The shortest interval from `low` to `high` at which short polling costs no more of `what` than another transport;
     infinite where no such interval does. */
  function breakEven(other, what, wire, machine, given, low, high) {
    const goal = cost(other, wire, machine, given)[what];
    const dear = (interval) => cost("short-polling", wire, machine, { ...given, interval })[what] > goal;
    if (dear(high)) return Infinity;
    if (!dear(low)) return low;
    for (let n = 0; n < 40; n++) {
      const middle = Math.sqrt(low * high);
      if (dear(middle)) low = middle; else high = middle;
    }
    return high;
  }

  /* The longest interval from `low` to `high` at which a share of short polling's messages arrives within a limit; 0
     where none is short enough. */
  function longest(wire, given, share, limit, low, high) {
    const late = (interval) => {
      const time = within("short-polling", wire, { ...given, interval }, share);
      return time === null || time > limit;
    };
    if (late(low)) return 0;
    if (!late(high)) return high;
    for (let n = 0; n < 40; n++) {
      const middle = Math.sqrt(low * high);
      if (late(middle)) high = middle; else low = middle;
    }
    return low;
  }

  return { transports, titles, short, long, traffic, within, cost, crowd, breakEven, longest };
})();
