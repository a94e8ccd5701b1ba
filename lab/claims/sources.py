"""Who claims it. What is quoted of the literature are its numbers and findings; every statement is in our words.

`assumed:` stands before what the source does not say itself, or what nobody could look up.
"""

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
    "Communicating and Displaying Real-Time Data with WebSocket, IEEE Internet Computing 16(4), pp. 45-53", 2012,
    "They measured the one-way latency of a wind sensor's data at 4 Hz. As Van de Vyvere and others (2020) quote them: "
    "where the network's latency exceeds half of the update interval, WebSocket is the better choice. At 4 Hz half of "
    "it is 125 ms. assumed: that below it long polling is as good.",
)  # fmt: skip
RFC_6202 = Source(
    "S. Loreto, P. Saint-Andre, S. Salsano and G. Wilkins",
    "RFC 6202: Known Issues and Best Practices for the Use of Long Polling and Streaming in Bidirectional HTTP", 2011,
    "The mean latency of long polling is close to one network transit, the maximum over three: an answer, the next "
    "poll, its answer. Each message carries HTTP headers. Holding a poll for 30 s is safer than for 120 s (which "
    "nothing here decides).",
)  # fmt: skip
BOZDAG = Source(
    "Engin Bozdag, Ali Mesbah and Arie van Deursen",
    "A Comparison of Push and Pull Techniques for AJAX, WSE, pp. 15-22", 2007,
    "The server application's CPU usage is 7 times higher in push than in pull, where push is Comet by long polling; "
    "pull performs well only where its interval equals the interval of publishing.",
)  # fmt: skip
VAN_DE_VYVERE = Source(
    "Brecht Van de Vyvere, Pieter Colpaert and Ruben Verborgh",
    "Comparing a Polling and Push-Based Approach for Live Open Data Interfaces, ICWE", 2020,
    "A polling server carries at most as many clients as it answers requests a second, times the latency in seconds "
    "that is acceptable: 2,520 a second and 5 s make 12,600, where their benchmark served 8,000. Push, theirs is SSE, "
    "served 25,000; from 10 s on polling carries more, by the formula.",
)  # fmt: skip
ETHERPAD = Source(
    "The Etherpad project", "Issue #7767", 2026,
    "With WebSocket alone the p95 at 200 authors rose from 22 to 82 ms. That polling coalesces is the fourth of the "
    "reasons that it supposes. A later report of theirs (pull request #7765) finds that single runs, as these were, "
    "differ as much by the machine.",
)  # fmt: skip
GRIGORIK = Source(
    "Ilya Grigorik", "High Performance Browser Networking, O'Reilly", 2013,
    "HTTP/1.x adds 500 to 800 B of headers for each transfer, and kilobytes with cookies. assumed: that a transfer is "
    "a request with its answer.",
)  # fmt: skip
HPACK = Source(
    "Roberto Peon and Herve Ruellan", "RFC 7541: HPACK: Header Compression for HTTP/2", 2015,
    "Headers repeat from request to request, and HTTP/2 sends what repeats as an index. assumed: that polling's "
    "overhead shrinks by it, which the RFC does not say, and many conclude.",
)  # fmt: skip

# Whose word a limit is.
NIELSEN = "Jakob Nielsen, Usability Engineering, 1993, chapter 5"
GAMES = (
    "50 ms where the fastest games begin to suffer (K. Raaen and T.-M. Gronli, Latency Thresholds for Usability in "
    "Games: A Survey, NIKT 2014)"
)
CONVERSATION = "150 ms, which leave a conversation as it is (ITU-T G.114, 2003)"
FILES_LIMIT = "on Linux a process is given 1,024 open files, its soft limit (systemd's DefaultLimitNOFILE)"
