/** Where everybody stands: around the server, in a sector for each transport as wide as it has members, in arcs. */

const ORDER = ["short-polling", "long-polling", "sse", "websocket"];
const GAP = 0.14; // radians between two sectors
const LEAST = 0.5; // radians of a sector, however few are in it: room for its name
const [NEAR, FAR] = [0.5, 1]; // of the radius: the arcs lie between

/** The sectors of `members`, clockwise from the top: `{transport, members, from, to}`, angles in radians. */
export function sectors(members) {
  const groups = ORDER.map((transport) => ({ transport, members: members.filter((one) => one.transport === transport) }))
    .filter((group) => group.members.length);
  const free = 2 * Math.PI - groups.length * (GAP + LEAST);
  let at = -Math.PI / 2 + GAP / 2;
  return groups.map((group) => {
    const from = at;
    const to = from + LEAST + (free * group.members.length) / members.length;
    at = to + GAP;
    return { ...group, from, to };
  });
}

/** The places in a sector for so many, as `{angle, radius}`, the radius a share. `room` is how far apart they should be,
 *  as a share of the radius too; where there are too many for that, they stand closer. */
export function places({ from, to }, many, room) {
  for (let apart = room; ; apart *= 0.9) {
    for (let arcs = 1; arcs <= Math.max(1, Math.floor((FAR - NEAR) / apart) + 1); arcs += 1) {
      const radii = Array.from({ length: arcs }, (_, n) => FAR - n * apart);
      const fit = radii.map((radius) => Math.max(1, Math.floor(((to - from) * radius) / apart)));
      const all = fit.reduce((sum, one) => sum + one, 0);
      if (all < many) continue;
      return shared(fit, many).flatMap((count, n) => Array.from({ length: count }, (_, i) => (
        { angle: from + ((to - from) * (i + 0.5)) / count, radius: radii[n] })));
    }
  }
}

/** `many` shared out among arcs that hold so many each. */
function shared(fit, many) {
  const all = fit.reduce((sum, one) => sum + one, 0);
  let [given, before] = [0, 0];
  return fit.map((one) => {
    before += one;
    const count = Math.round((many * before) / all) - given;
    given += count;
    return count;
  });
}
