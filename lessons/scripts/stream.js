"use strict";
/* One stream of messages seen through the four transports: who says what, and when it is where. Times are in seconds;
   the connections stand open when it begins. No function knows of a page. */

globalThis.pollsApart ??= {};

pollsApart.stream = (() => {
  /* Numbers from 0 to 1 that look random, and are the same for the same seed (Marsaglia's xorshift, 2003). */
  function random(seed) {
    let state = Math.imul(seed, 0x9e3779b1) | 0 || 1; // neighbouring seeds far apart (Knuth's multiplicative hash)
    return () => {
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
      return (state >>> 0) / 2 ** 32;
    };
  }

  /* When messages reach the server: at random moments, or in a rhythm. Another rate is the same stream, denser. */
  function moments(rate, until, seed, rhythm = false) {
    const next = random(seed);
    const found = [];
    for (let at = rhythm ? 0.5 : -Math.log(1 - next()); at / rate < until; at += rhythm ? 1 : -Math.log(1 - next())) {
      found.push(at / rate);
    }
    return found;
  }

  /* A trip is a question, if one was asked, and an answer: {kind, asked, there, answered, back, first, last}, where the
     messages from `first` on and before `last` are in the answer. */
  function shortPolling(messages, { interval, delay, phase }, until) {
    const trips = [];
    let [taken, knew] = [0, false];
    for (let asked = phase; asked < until; asked += interval * (Math.floor((2 * delay) / interval) + 1)) {
      const there = asked + delay;
      const first = taken;
      while (messages[taken] <= there) taken++;
      const kind = taken > first ? "news" : knew ? "unchanged" : "blank";
      knew = taken === first;
      trips.push({ kind, asked, there, answered: there, back: there + delay, first, last: taken });
    }
    return trips;
  }

  function longPolling(messages, { delay, hold }, until) {
    const trips = [];
    let taken = 0;
    for (let asked = -delay; asked < until;) {
      const there = asked + delay;
      const first = taken;
      while (messages[taken] <= there) taken++;
      let answered = there;
      if (taken === first) {
        answered = Math.min(messages[taken] ?? Infinity, there + hold);
        if (messages[taken] <= answered) taken++;
      }
      const [kind, back] = [taken > first ? "held" : "expired", answered + delay];
      trips.push({ kind, asked, there, answered, back, first, last: taken });
      asked = back;
    }
    return trips;
  }

  const pushed = (kind) => (messages, { delay }) =>
    messages.map((at, n) => ({ kind, asked: null, there: null, answered: at, back: at + delay, first: n, last: n + 1 }));

  const ways = {
    "short-polling": shortPolling, "long-polling": longPolling, sse: pushed("event"), websocket: pushed("frame"),
  };

  const trips = (transport, messages, settings, until) => ways[transport](messages, settings, until);

  /* Bytes of IP packets of a trip. */
  function weight(trip, wire) {
    const { short, long } = pollsApart.model;
    const count = trip.last - trip.first;
    const held = trip.answered - trip.there > wire.delay ? 1 : 0;
    if (trip.kind === "held" || trip.kind === "expired") return long(wire, count, held);
    return wire.exchanges[trip.kind] ?? short(wire, count);
  }

  /* What can be told of a transport at a moment: `waits` are those of the messages that arrived, from the server's
     knowing to the client's. A message is `caught` when it came while nobody waited for it. */
  function told(made, messages, wire, now) {
    const seen = { waits: [], asked: 0, answers: 0, empty: 0, caught: 0, bytes: 0, came: 0, longest: 0 };
    for (const trip of made) {
      if (trip.asked !== null && trip.asked <= now) seen.asked++;
      if (trip.back > now) continue;
      seen.answers++;
      seen.bytes += weight(trip, wire);
      if (trip.last === trip.first) seen.empty++;
      for (let n = trip.first; n < trip.last; n++) {
        seen.waits.push(trip.back - messages[n]);
        if (trip.answered > messages[n]) seen.caught++;
      }
    }
    seen.came = messages.filter((at) => at <= now).length;
    seen.arrived = seen.waits.length;
    seen.mean = seen.arrived ? seen.waits.reduce((sum, wait) => sum + wait, 0) / seen.arrived : null;
    seen.longest = seen.arrived ? Math.max(...seen.waits) : null;
    return seen;
  }

  /* [when, what] of all that leaves or arrives, by transport. */
  function happenings(made, messages) {
    const { titles } = pollsApart.model;
    const found = messages.map((at) => [at, "a message reaches the server"]);
    for (const [transport, trips] of Object.entries(made)) {
      for (const { asked, there, answered, back, first, last } of trips) {
        const load = last === first ? "nothing new" : last - first === 1 ? "1 message" : `${last - first} messages`;
        const stages = [[asked, "the client asks"], [there, "a question reaches the server"],
          [answered, `the server sends ${load}`], [back, `${load} for the client`]];
        for (const [at, what] of stages) if (at !== null) found.push([at, `${titles[transport]}: ${what}`]);
      }
    }
    return found;
  }

  return { random, moments, trips, weight, told, happenings };
})();
