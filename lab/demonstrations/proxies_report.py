"""What the report says of a proxy, and of HTTP/2."""

from lab import wording
from lab.behind import READ_TIMEOUT, Site
from lab.demonstrations import pictures
from lab.demonstrations.cells import answer, value
from lab.demonstrations.notes import Shown, Table
from lab.numbers import number, percent
from lab.observations import Observations
from lab.wording import DASH

TITLE = "Behind a proxy"
UNIT = "B per transfer"
BYTES = {"header": "header bytes", "socket": "socket bytes", "ip": "IP bytes"}  # by their name in a tally
FIRST, OPENED = "first", "opening bytes"
BUFFERING, BEFORE_END = "delay added by buffering", "event arrives before the stream ends"
CLOSED, OUTLIVES = "idle connection closed after", "with heartbeats it outlives the time-out"
WEBSOCKET_OPENS, PAGE_SENDS, CONNECTIONS = "WebSocket opens", "page may send", "upstream connections per request"
DIRECT, CHUNKED, TOLD = "direct", "in chunks", "X-Accel-Buffering"

SITES: tuple[Site, ...] = ("obvious", "good")
NAMES = {"1.1": "HTTP/1.1", "2": "HTTP/2"}
KINDS = {
    "short-polling": "A short poll without news",
    "short-polling-news": "A short poll with news",
    "long-polling": "A long poll",
    "send": "A post",
    "sse": "An SSE event",
    "websocket": "A WebSocket message",
}
CELLS = [(kind, http) for kind in KINDS for http in NAMES if (kind, http) != ("websocket", "2")]
POLLS = 20
RATE = 10  # messages a second, while the first event is waited for
HEADINGS = {"HTTP/2": "HTTP/2", "HTTP/1.1": "1.1"}  # of columns that are narrow
AXIS = "bytes of headers, up and down together (logarithmic axis)"


def show(found: Observations) -> Shown:
    return Shown(
        sentence=sentence(found),
        tables=[
            transports(found), streams(found), layer(found, "header", "Bytes of headers"),
            layer(found, "ip", "Bytes of packets"), firsts(found),
        ],
        picture=pictures.pairs(found, BYTES["header"], KINDS, AXIS, HEADINGS, None,
                               lambda *where: value(*where)[0]),
        caption="Bytes of headers in a transfer on a warm connection, up and down together, through the same nginx by "
        "TLS. The filled mark is HTTP/2's, the hollow one HTTP/1.1's. A WebSocket is HTTP/1.1's alone.",
    )  # fmt: skip


def sentence(found: Observations) -> str:
    """What HTTP/2 saves, and what each site does."""
    words = []
    for name, what in (("header", "headers"), ("ip", "packets")):
        one, two = (found.of(BYTES[name], f"{http}: short-polling").value for http in NAMES.values())
        if one and two:
            words.append(f"{number(one)} to {number(two)} bytes of {what}")
    saved = f"By HTTP/2 a poll that finds nothing shrinks from {', and from '.join(words)}. "
    sites = []
    for site in SITES:
        refused = "refused" if answer(found, WEBSOCKET_OPENS, site) == "no" else "opened"
        sites.append(
            f"Behind the {site} site the first event of a stream came after {span(found, BUFFERING, site)}, "
            f"{POLLS} polls took {opened(found, site)} to the server, and a WebSocket was {refused}."
        )
    return f"{saved}{' '.join(sites)}"


def span(found: Observations, what: str, where: str) -> str:
    """A time, in seconds or milliseconds."""
    value = found.of(what, where).value
    return DASH if value is None else f"{number(value)} s" if value >= 1 else f"{number(value * 1_000)} ms"


def opened(found: Observations, where: str) -> str:
    """How many connections the polls took."""
    each = found.of(CONNECTIONS, where).value
    return DASH if each is None else wording.count(round(each * POLLS), "connection")


def transports(found: Observations) -> Table:
    """What each site does to each transport."""

    def told(what: str, yes: str, no: str) -> list[tuple[str, str]]:
        said = {"yes": yes, "no": no}
        return [(said.get(found_out := answer(found, what, site), found_out), "") for site in SITES]

    late = [(f"first event after {span(found, BUFFERING, site)}", "") for site in SITES]
    closed = [
        (f"closed after {span(found, CLOSED, site)}", f"of {READ_TIMEOUT[site].replace('s', ' s')}, shortened")
        for site in SITES
    ]
    return Table(
        "What it does to each transport",
        ["the obvious site", "the good site"],
        [
            ("Short polling", [(opened(found, site), f"for {POLLS} polls") for site in SITES]),
            ("Long polling", [(opened(found, f"{site}: long-polling"), f"for {POLLS} polls") for site in SITES]),
            (f"SSE, {RATE} events a second", late),
            ("WebSocket", told(WEBSOCKET_OPENS, "opens", "refused")),
            ("A page that sends", told(PAGE_SENDS, "may", "may not")),
            ("A stream that says nothing", closed),
            ("A stream with heartbeats", told(OUTLIVES, "stays open", "closed")),
        ],
        "Connections are nginx's to the server; the client keeps one. Events are a minimal server's under gunicorn. "
        "The times of silence are the files' own, shortened for nobody to wait.",
    )


def time_out(site: Site) -> str:
    """`of 60 s`: the time-out that a site's file has."""
    return f"of {READ_TIMEOUT[site].removesuffix('s')} s"


def streams(found: Observations) -> Table:
    """What decides whether events are put aside."""
    ways = {
        "by HTTP/1.0 and so without chunks, as gunicorn answers": "",
        "in chunks, as Flask's own server answers": CHUNKED,
        "without chunks, but with X-Accel-Buffering: no, as our servers answer": TOLD,
    }
    rows = [(title, [first(found, f"{site}: {way}" if way else site) for site in SITES])
            for title, way in ways.items()]  # fmt: skip
    single = [(answer(found, BEFORE_END, site), "") for site in SITES]
    note = f"How long the first event takes to arrive, of {RATE} a second"
    if waited := found.of(BUFFERING, "obvious").value:
        note += (
            f". What is put aside waits for some {waited * RATE:.0f} events like these, however long they take to come"
        )
    return Table(
        "When does the first event come?",
        ["the obvious site", "the good site"],
        [
            *rows,
            ("with nothing in between", [first(found, DIRECT), (DASH, "")]),
            ("the first: does a single event come before its stream ends?", single),
        ],
        f"{note}.",
    )


def first(found: Observations, where: str) -> tuple[str, str]:
    return span(found, BUFFERING, where), ""


def layer(found: Observations, name: str, title: str) -> Table:
    """Each kind of transfer by both versions, on a warm connection; and what of it is left."""
    what = BYTES[name]
    rows = []
    for kind, words in KINDS.items():
        cells = [value(found, f"{what} {way}", f"{http}: {kind}") for http in NAMES.values() for way in ("up", "down")]
        rows.append((words, [*cells, left(found, what, kind)]))
    columns = [f"{http} {way}" for http in NAMES.values() for way in ("up", "down")]
    return Table(f"{title}, of a transfer on a warm connection", [*columns, "left, both ways"], rows, NOTES[name])


def left(found: Observations, what: str, kind: str) -> tuple[str, str]:
    one, two = (found.of(what, f"{http}: {kind}").value for http in NAMES.values())
    return (percent(two / one) if one and two else DASH), ""


def firsts(found: Observations) -> Table:
    """What the first transfer costs, and the connection before it."""
    ways = [(http, way) for http in NAMES.values() for way in ("up", "down")]
    opening = [value(found, f"{OPENED} {way}", http) for http, way in ways]
    rows = [("Opening the connection, with TLS", opening)]
    for kind, words in KINDS.items():
        cells = [value(found, f"{FIRST} {BYTES['header']} {way}", f"{http}: {kind}") for http, way in ways]
        rows.append((f"{words}: headers", cells))
    return Table("The first time", [f"{http} {way}" for http, way in ways], rows, NOTES["first"])


NOTES = {
    "header": "All that is not a body: request lines and header fields, chunk sizes; of HTTP/2 the frames.",
    "ip": "What crosses the wire, TLS, acknowledgements and bodies included.",
    "first": "Only what was said before can be left out. Of a stream and a WebSocket the first transfer opens it.",
}
