"""Who claims it. What is quoted of the literature are its numbers and findings; every statement is in our words."""

from lab.claims.judging import Source

ARTICLE = Source(
    "", "Understanding WebSockets for Real Time Applications, an introductory article", None,
    "The statement is what it says, in our words; it names no author.",
)  # fmt: skip
KAAZING = Source(
    "Peter Lubbers and Frank Greco (Kaazing)", "HTML5 Web Sockets: A Quantum Leap in Scalability for the Web", 2010,
    "871 B of headers for each poll against 2 B for each frame; 1,000, 10,000 and 100,000 clients, each with a message "
    "a second: 6.6, 66 and 665 Mbps against 0.015, 0.153 and 1.526. Arithmetic, not measured; no payload, no TCP/IP; "
    "their Mbps are of 2^20 bits.",
)  # fmt: skip
PIMENTEL = Source(
    "Victoria Pimentel and Bradford G. Nickerson",
    "Communicating and Displaying Real-Time Data with WebSocket, IEEE Internet Computing 16(4)", 2012,
    "As later work quotes it: long polling is as good as WebSocket while the one-way network delay is less than half "
    "the update interval; at 4 Hz that is 125 ms.",
)  # fmt: skip
RFC_6202 = Source(
    "S. Loreto, P. Saint-Andre, S. Salsano and G. Wilkins",
    "RFC 6202: Known Issues and Best Practices for the Use of Long Polling and Streaming in Bidirectional HTTP", 2011,
    "The mean latency of long polling is close to one network transit, the maximum over three: an answer, the next "
    "poll, its answer. Each message carries HTTP headers. Holding a poll for 30 s is safer than for 120 s (which "
    "nothing here decides).",
)  # fmt: skip
BOZDAG = Source(
    "Engin Bozdag, Ali Mesbah and Arie van Deursen", "A Comparison of Push and Pull Techniques for AJAX", 2007,
    "The server's CPU usage is 7 times higher in push than in pull; pull is good only where its interval matches the "
    "interval of publishing.",
)  # fmt: skip
VAN_DE_VYVERE = Source(
    "Brecht Van de Vyvere, Pieter Colpaert and Ruben Verborgh",
    "Comparing a Polling and Push-Based Approach for Live Open Data Interfaces, ICWE", 2020,
    "A polling server serves as many clients as it answers requests a second, times the latency that is acceptable in "
    "seconds; push serves fewer above some latency, more below it.",
)  # fmt: skip
ETHERPAD = Source(
    "The Etherpad project", "Issue #7767", 2026,
    "Without the polling transport the p95 at 200 authors rose from 22 to 82 ms, since polling coalesces.",
)  # fmt: skip
GRIGORIK = Source(
    "Ilya Grigorik", "High Performance Browser Networking", 2013,
    "500 to 800 B of HTTP/1.x headers for each transfer, without cookies.",
)  # fmt: skip
HPACK = Source(
    "Roberto Peon and Herve Ruellan", "RFC 7541: HPACK: Header Compression for HTTP/2", 2015,
    "Headers repeat from request to request, and HTTP/2 sends what repeats as an index: so polling's overhead shrinks.",
)  # fmt: skip
NIELSEN = "Jakob Nielsen, Usability Engineering, 1993"
