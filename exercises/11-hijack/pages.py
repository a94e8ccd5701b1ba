"""Pages and programs before the chat of exercise 11: with a session, at an open socket, let in or turned away."""

import json

from lab.grader import Wrong
from lab.grader.clients import Client
from lab.grader.sockets import Socket
from lab.grader.stand import Stand

OURS = ("http://127.0.0.1:8000", "https://chat.example")  # what the program is told
UNAUTHORIZED = 4401


def client(stand: Stand, name: str) -> Client:
    """Somebody of this name, before the program, which is one for all checks."""
    return stand.serve(shared=True, ORIGINS=" ".join(OURS)).client(name)


def session(stand: Stand, who: Client) -> tuple[str, str]:
    """A new one: its token, and its cookie as a browser sends it."""
    answer = who.ask("POST", "/session", {"name": who.name})
    stand.expect(answer.status, 201, "no-session", "the status of POST /session")
    token, cookie = answer.field("token"), (answer.headers.get("Set-Cookie") or "").partition(";")[0]
    if not cookie or not isinstance(token, str):
        raise Wrong("no-session", "a token, which is a text, and a cookie", "one of them is missing")
    return token, cookie


def opened(
    stand: Stand, who: Client, origin: str | None, cookie: str = "", query: str = "", beside: str = ""
) -> Socket:
    """A socket that ends with this check, in its room or in one beside it."""
    headers = {"Cookie": cookie} if cookie else None
    socket = Socket(who, f"/rooms/{{room}}{beside}/socket{query}", origin, headers)
    stand.own.callback(socket.close)
    return socket


def enter(stand: Stand, name: str, origin: str | None, beside: str = "") -> Socket:
    """A socket that has shown its token and was let in."""
    who = client(stand, name)
    token, cookie = session(stand, who)
    page = opened(stand, who, origin, cookie if origin else "", beside=beside)
    cause = "keeps-ours-out" if origin else "keeps-programs-out"
    if page.refused:
        raise Wrong(cause, f"a socket for {f'a page of {origin}' if origin else name}", f"refused with {page.refused}")
    page.send(type="auth", token=token)
    ready = page.receive()
    if ready is None or ready.get("type") != "ready":
        raise Wrong(cause, f'{{"type": "ready", "name": "{name}"}}', shown(ready, page))
    stand.expect(ready.get("name"), name, cause, "the name in the ready frame")
    return page


def say(page: Socket, sender: str, text: str) -> None:
    page.send(type="send", id=f"{sender}-{text}", sender=sender, text=text)


def refused(page: Socket) -> bool:
    return 400 <= page.refused < 500


def turned_away(stand: Stand, page: Socket, cause: str) -> None:
    """Wrong, unless it is told nothing, and closed with 4401."""
    seen = page.receive()
    if seen is not None:
        raise Wrong(cause, f"a socket that is closed with {UNAUTHORIZED}", shown(seen, page))
    if page.code != UNAUTHORIZED:
        raise Wrong("closed-otherwise", f"a close with {UNAUTHORIZED}", page.ending)


def text_of(frame: dict[str, object] | None) -> object:
    return frame and frame.get("text")


def shown(frame: dict[str, object] | None, page: Socket) -> str:
    return json.dumps(frame, ensure_ascii=False) if frame is not None else page.ending
