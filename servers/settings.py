"""What can be set about a server, with the values that every transport shares."""

from msgspec import Struct

KEEP_ALIVE = 75  # seconds that an idle connection is kept, so that slow polls need not reconnect
HEAD = 8 * 1024  # bytes of a request's header fields
FIELDS = 100  # of them
TARGET = 4 * 1024  # bytes of a request's target
GRACE = 0.001  # seconds within which came what was there already, when somebody looked for it
YIELD = 1e-9  # seconds: greenlets that sleep for 0 let each other run, but no request in
PAGES = ("chat", "live", "class")  # what a browser may be shown; the last two are of `lab live`


class Settings(Struct, frozen=True):
    """Times in seconds. The same hold, heartbeat and keep-alive for each transport, or a comparison means nothing."""

    hold: float = 25.0  # a held poll; below the 30 s that RFC 6202 section 5.5 finds safe with proxies
    heartbeat: float = 15.0  # SSE comments and WebSocket pings
    retry: float = 2.0  # what an SSE stream tells EventSource to wait before it comes back
    jitter: float = 0.1  # holds and retries vary by this share, so that clients do not move in step
    keep: int = 10_000  # messages a room keeps
    body_limit: int = 64 * 1024  # bytes of a request body or a WebSocket message
    compression: bool = False  # of what is sent to who takes it compressed, and of WebSocket messages both ways
    frames_per_s: float = 100.0  # that one WebSocket may send, of messages and again of all other frames
    frames_burst: float = (
        1000.0  # of either at once, for a client that comes back; with tokens, send_rate bounds it too
    )
    read_time: float = 10.0  # a request must have arrived this long after its first byte
    connections: int = 0  # open at once, in a process; 0 is what the engine stands: 20,000, or 500 with threads
    access_log: bool = False  # whether there is a line in the log for each request
    page: str = PAGES[0]  # which of them is
    stage: int = 0  # the port where `lab live` tells a page what was counted; 0 is nowhere, and then it is not counted

    origins: tuple[str, ...] = ()  # whose pages may talk to the server, whose names it has: "https://example.org"
    auth: bool = False  # whether a token is needed
    secret: str = ""  # which tokens are signed with, for the processes of a server to share; "" is a new one
    join_code: str = ""  # what a class is told, without which nobody gets a token
    session_life: float = 12 * 3600.0  # of a token: a day at school
    auth_time: float = 5.0  # for a WebSocket's first frame
    held: int = 32  # polls, streams and sockets that a session holds open at once: ten tabs of the page of all four
    send_rate: float = 20.0  # messages a second of a session, and twice as many at once: nobody types so fast
