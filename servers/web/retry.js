/** Trying again, for whatever failed: a send or a connection. */

const BASE = 0.5; // seconds: a server that restarts is back after one or two tries
const LIMIT = 8; // seconds: nobody waits longer for a chat, and a thousand clients in 8 s do no harm

export const pause = (seconds) => new Promise((over) => setTimeout(over, seconds * 1000));

/** Seconds to wait after so many failures in a row: anything from nothing to a limit that doubles. Full jitter, so that
 *  the clients of a server that restarts do not come back together. */
export const backoff = (failures) => Math.random() * Math.min(LIMIT, BASE * 2 ** failures);
