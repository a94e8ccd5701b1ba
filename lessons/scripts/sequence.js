"use strict";
/* A transport's trips as a sequence diagram in a strip: the server's line above the client's, and arrows between them
   that slope by the link's delay. */

globalThis.pollsApart ??= {};

pollsApart.sequence = (() => {
  const { svg, dash, marker } = pollsApart.drawing;
  const [server, client, height] = [14, 58, 72]; // px from a strip's top

  const dot = (x, y, r = 3.5) => `M${x - r} ${y}a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0z`;

  /* A line with a head at its end. */
  function arrow(x0, y0, x1, y1) {
    const angle = Math.atan2(y1 - y0, x1 - x0);
    const wing = (turn) => {
      const [dx, dy] = [5 * Math.cos(angle + turn), 5 * Math.sin(angle + turn)];
      return `${(x1 - dx).toFixed(1)} ${(y1 - dy).toFixed(1)}`;
    };
    return `M${x0} ${y0}L${x1} ${y1}M${wing(0.45)}L${x1} ${y1}L${wing(-0.45)}`;
  }

  const band = (from, to) => `M${from} ${server - 5}H${to}v10H${from}z`; // on the server's line, while it can speak

  /* The parts of a lane in which all of a stream has happened. `x` is where a moment is. */
  function lane(transport, trips, messages, x, until) {
    const paths = { guide: "", held: "", rule: "", asks: "", empty: "", wait: "", news: "", marker: "", message: "" };
    const counts = [];
    const end = x(until);
    for (const { asked, there, answered, back, first, last } of trips) {
      const [from, to] = [x(answered), x(back)];
      if (asked !== null) {
        paths.asks += arrow(x(asked), client, x(there), server);
        if (answered > there) paths.held += band(x(there), from);
      }
      if (last === first) {
        paths.empty += arrow(from, server, to, client);
        continue;
      }
      paths.news += `M${from} ${server}L${to} ${client}`;
      paths.marker += marker(transport, to, client, 5);
      if (last - first > 1) counts.push(svg("text", { x: to + 7, y: client + 12, class: "count" }, String(last - first)));
      for (const at of messages.slice(first, last)) if (answered > at) paths.wait += `M${x(at)} ${server}H${from}`;
    }
    if (!transport.endsWith("polling")) paths.held = band(0, end);
    const late = messages.slice(trips.at(-1)?.last ?? 0); // nobody asks for these any more
    for (const at of late) paths.wait += `M${x(at)} ${server}H${end}`;
    for (const at of messages) {
      paths.guide += `M${x(at)} 0V${height}`;
      paths.message += dot(x(at), server);
    }
    paths.rule = `M0 ${server}H${end}M0 ${client}H${end}`;
    const dashed = { news: dash(transport) };
    const drawn = Object.entries(paths).map(([name, d]) => svg("path", { class: name, d, "stroke-dasharray": dashed[name] }));
    return [...drawn, ...counts];
  }

  /* Puts a picture into a strip, behind a curtain that the clock opens: {clip, group, hand}, to be moved with it. */
  function curtained(strip, tall, parts, whole) {
    const clip = svg("rect", { x: 0, y: 0, height: tall, width: 0 });
    const name = (strip.dataset.clip ??= `clip-${Math.random().toString(36).slice(2)}`);
    const picture = svg("g", whole ? {} : { "clip-path": `url(#${name})` }, ...parts);
    const hand = svg("line", { class: "now", y1: 0, y2: whole ? 6 : tall });
    const group = svg("g", {}, picture, hand);
    strip.replaceChildren(svg("clipPath", { id: name }, clip), group);
    return { clip, group, hand };
  }

  const sides = () => [["server", server - 4], ["client", client + 12]].map(([words, y]) =>
    svg("text", { class: "side", x: 2, y }, words));

  /* A line of the legend, as the picture draws it. */
  function key(kind) {
    const shape = {
      asks: arrow(3, 14, 27, 3), empty: arrow(3, 3, 27, 14), news: "M3 3L27 14", held: "M2 4H28v10H2z", wait: "M3 9H27",
    }[kind];
    const line = svg("path", { class: kind, d: shape });
    return svg("svg", { class: "strip key", width: 30, height: 18, "aria-hidden": "true" }, line);
  }

  return { height, lane, curtained, sides, dot, key };
})();
