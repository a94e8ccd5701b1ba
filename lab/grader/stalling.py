"""A server that a learner's client asks: it answers, fails by numbers, and stands still when it is told to."""

import threading
import time
from collections.abc import Collection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from lab.grader.faults import Wrong
from lab.grader.program import Program

LOOK = 0.05  # seconds between two looks at whether the client goes on
PATIENCE = 10.0  # seconds for one that does not to end


class Server(ThreadingHTTPServer):
    """Answers at once, but while it stands still; the requests whose numbers are in `fails` with 503."""

    request_queue_size = 256
    daemon_threads = True

    def __init__(self, fails: Collection[int] = ()) -> None:
        super().__init__(("127.0.0.1", 0), Asked)
        self.fails, self.came, self.met = fails, 0, 0  # requests, and how many of them met a server that stood still
        self.first = self.last = 0.0  # when they came
        self.going, self.came_one = threading.Event(), threading.Condition()
        self.going.set()
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def server_close(self) -> None:
        self.going.set()
        self.shutdown()
        super().server_close()

    def take(self) -> int:
        """The number of a request that has just come."""
        with self.came_one:
            self.met += not self.going.is_set()
            self.came, self.last = self.came + 1, time.monotonic()
            self.first = self.first or self.last
            self.came_one.notify_all()
            return self.came - 1

    def wait_for(self, number: int, program: Program, cause: str) -> None:
        """Until so many requests have come. Wrong where the program ends before."""
        with self.came_one:
            while self.came < number:
                if program.process.poll() is not None:
                    program.finish(PATIENCE)
                    raise Wrong(cause, f"{number} requests and more", f"{self.came}, and then the end")
                self.came_one.wait(LOOK)


class Asked(BaseHTTPRequestHandler):
    """One request."""

    protocol_version = "HTTP/1.1"
    wbufsize = -1  # head and body leave together
    server: Server

    def do_GET(self) -> None:
        number = self.server.take()
        self.server.going.wait()
        self.send_response(503 if number in self.server.fails else 200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, *_: object) -> None:
        pass
