"""Clients as a check uses them: each is somebody, and whatever passes is told in the story."""

import http.client
import json
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from typing import Any
from urllib.parse import urlencode

from websockets.exceptions import InvalidHandshake

from lab.grader.faults import Wrong
from lab.grader.story import SERVER, Story

PATIENCE = 5.0  # seconds for an answer that nothing should delay
SHOWN = 90  # characters of a body that a story shows


def object_of(text: str | bytes, expected: str) -> dict[str, Any]:
    """The JSON object that this is. Wrong where it is none."""
    said = text if isinstance(text, str) else text.decode(errors="replace")
    try:
        found = json.loads(said)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise Wrong("not-json", expected, shortened(said) or "nothing")
    return found


def shortened(text: str) -> str:
    """As a story shows it: on one line, and not all of it where it is long."""
    text = " ".join(text.split())
    return text if len(text) <= SHOWN else f"{text[:SHOWN]} …"


class Answer:
    """What came back. `json` and the views of it are Wrong where the body is not so made."""

    def __init__(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        self.status, self.headers, self.body = status, headers, body

    @property
    def json(self) -> dict[str, Any]:
        return object_of(self.body, "a JSON object")

    def field(self, name: str) -> Any:
        found = self.json
        if name not in found:
            raise Wrong("not-json", f"a JSON object with {name!r}", self.shown)
        return found[name]

    @property
    def messages(self) -> list[dict[str, Any]]:
        found = self.field("messages")
        if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
            raise Wrong("not-json", "a list of messages, each an object", self.shown)
        return found

    @property
    def texts(self) -> list[Any]:
        return [message.get("text") for message in self.messages]

    @property
    def seqs(self) -> list[Any]:
        return [message.get("seq") for message in self.messages]

    @property
    def shown(self) -> str:
        return shortened(self.body.decode(errors="replace"))


class Pending:
    """A request that is under way, in a thread of its own."""

    def __init__(self, ask: Callable[[], Answer]) -> None:
        self.found: Answer | BaseException | None = None
        self.done = threading.Event()

        def run() -> None:
            try:
                self.found = ask()
            except BaseException as error:
                self.found = error
            self.done.set()

        threading.Thread(target=run, daemon=True).start()

    def answered(self, within: float) -> Answer | None:
        """The answer, as soon as there is one; None if there is none in so many seconds."""
        if not self.done.wait(within):
            return None
        if isinstance(self.found, BaseException):
            raise self.found
        return self.found


class Client:
    """Somebody in a room of a server that listens on this port, and that stories call `server`.

    Opens a connection for each request.
    """

    def __init__(
        self, name: str, port: int, room: str, story: Story, mishap: Callable[[], None], server: str = SERVER
    ) -> None:
        self.name, self.port, self.room, self.story, self.mishap = name, port, room, story, mishap
        self.server = server

    def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        within: float = PATIENCE,
    ) -> Answer:
        """One request, and its answer. Wrong when there is none in so many seconds, or it is 500."""
        path = path.format(room=self.room)
        sent = {} if headers is None else dict(headers)
        data = None if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
        if data is not None:
            sent.setdefault("Content-Type", "application/json")
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=within)
        said = data.decode(errors="replace")[:SHOWN] if data else ""
        self.story.tell(self.name, f"{method} {path} {said}".strip(), self.server)
        with closing(connection), self.expecting(f"an answer to {method} {path}", within):
            connection.request(method, path, data, sent)
            got = connection.getresponse()
            answer = Answer(got.status, dict(got.headers), got.read())
        self.story.tell(self.server, f"{answer.status} {answer.shown}", self.name)
        if answer.status == 500:
            raise Wrong("error-500", f"an answer to {method} {path}", "500 Internal Server Error")
        return answer

    @contextmanager
    def expecting(self, what: str, within: float = PATIENCE) -> Iterator[None]:
        """Wrong where it does not come in so many seconds, or the connection ends; a program that ended is named."""
        try:
            yield
        except TimeoutError:
            self.mishap()
            raise Wrong("silent", what, f"none in {within:g} s") from None
        except (OSError, EOFError, http.client.HTTPException, InvalidHandshake) as error:
            self.mishap()
            raise Wrong("hung-up", what, str(error) or type(error).__name__) from None

    def get(self, path: str, headers: Mapping[str, str] | None = None, within: float = PATIENCE) -> Answer:
        return self.ask("GET", path, None, headers, within)

    def send(self, text: str, id: str = "") -> Answer:
        """Post a message to the room."""
        body = {"id": id or f"{self.name}-{text}", "sender": self.name, "text": text}
        return self.ask("POST", "/rooms/{room}/messages", body)

    def poll(self, after: int | None = 0, headers: Mapping[str, str] | None = None, **query: Any) -> Answer:
        """Ask for the messages after a cursor; None leaves it out."""
        return self.get(self.question(after, query), headers)

    def hold(self, after: int | None = 0, within: float = 30.0, **query: Any) -> Pending:
        """Ask so too, and do not wait."""
        return Pending(lambda: self.get(self.question(after, query), within=within))

    def question(self, after: int | None, query: dict[str, Any]) -> str:
        asked = query if after is None else {"after": after} | query
        return "/rooms/{room}/messages" + (f"?{urlencode(asked)}" if asked else "")

    def connected(self, buffer: int = 0) -> socket.socket:
        """A bare connection. With a small buffer, what is not read soon stops what is sent."""
        bare = socket.socket()
        if buffer:
            bare.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
        bare.settimeout(PATIENCE)
        try:
            bare.connect(("127.0.0.1", self.port))
        except OSError as error:
            self.mishap()
            raise Wrong("hung-up", "a connection", str(error)) from None
        return bare
