"""What exercise 11 asks of a chat with sessions: whose pages come in, by what, and as whom."""

from base64 import b64encode
from urllib.parse import quote

from lab.grader import Wrong
from lab.grader.stand import Stand

from .pages import OURS, UNAUTHORIZED, client, enter, opened, refused, say, session, shown, text_of, turned_away

FOREIGN = "https://evil.example"
NEAR = (  # each like one of ours, and another's
    "https://chat.example.evil.example", "https://evil-chat.example", "https://www.chat.example", "http://chat.example",
    "https://chat.example:8443", "http://127.0.0.1:8001", "http://127.0.0.1",
)  # fmt: skip
NO_INTRODUCTIONS = (
    "hello", "", "null", "[]", '"auth"', "{}", '{"type": "auth"}', '{"type": "auth", "token": null}',
    '{"type": "auth", "token": ["a", "list"]}', '{"token": "without a type"}', b"\x00\xff",
)  # fmt: skip


def gives_a_session(stand: Stand) -> None:
    """POST /session gives a token and a cookie, new ones each time."""
    one, other = (session(stand, client(stand, name)) for name in ("Ada", "Ben"))
    if one[0] == other[0]:
        raise Wrong("no-session", "another token for another person", "the same one twice")


def lets_its_own_pages_in(stand: Stand) -> None:
    """A page of ours comes in by its token, speaks, and hears."""
    for origin in OURS:
        ben = enter(stand, "Ben", origin)
        say(ben, "Ben", "dinner?")
        seen = ben.receive()
        stand.expect(text_of(seen), "dinner?", "keeps-ours-out", "the text that Ben's own page gets")
        whole = {"type": "message", "id": "Ben-dinner?", "sender": "Ben", "text": "dinner?"}
        found = {name: value for name, value in (seen or {}).items() if name in whole}
        stand.expect(found, whole, "not-whole", "the message that it gets")
        if not isinstance(seen and seen.get("seq"), int):
            raise Wrong("not-whole", "a message with its seq", shown(seen, ben))
        ben.close()


def keeps_rooms_apart(stand: Stand) -> None:
    """What is said in a room is for those in it."""
    ada, cy = enter(stand, "Ada", OURS[0]), enter(stand, "Cy", OURS[0], "-another")
    say(ada, "Ada", "only here")
    ada.receive()
    say(cy, "Cy", "only there")
    stand.expect(text_of(cy.receive()), "only there", "rooms-run-together", "the first text in another room")


def refuses_a_foreign_page(stand: Stand) -> None:
    """A page of another site is refused before it hears a word, though the browser sends the cookie along."""
    ada = enter(stand, "Ada", OURS[0])
    ben = client(stand, "Ben")
    token, cookie = session(stand, ben)
    page = opened(stand, ben, FOREIGN, cookie)
    if refused(page):
        return
    say(ada, "Ada", "only for friends")
    ada.receive()
    page.send(type="auth", token=token)
    seen = page.receive()
    cause = "any-origin" if seen and seen.get("type") == "ready" else "too-late"
    raise Wrong(cause, f"403, and no socket, for a page of {FOREIGN}", f"an open socket, and on it {shown(seen, page)}")


def compares_the_whole_origin(stand: Stand) -> None:
    """An origin is scheme, host and port: a page with another of the three is refused."""
    ben = client(stand, "Ben")
    for origin in NEAR:
        if not refused(opened(stand, ben, origin)):
            raise Wrong("part-of-the-origin", f"403 for a page of {origin}", "an open socket")


def refuses_who_says_null(stand: Stand) -> None:
    """A page that says null has no origin that anybody could trust, and is refused."""
    if not refused(opened(stand, client(stand, "Ben"), "null")):
        raise Wrong("null-origin", "403 for a page whose Origin is null", "an open socket")


def asks_for_more_than_the_cookie(stand: Stand) -> None:
    """A socket with the right cookie hears nothing and says nothing until its first frame has shown the token."""
    ada = enter(stand, "Ada", OURS[0])
    ben = client(stand, "Ben")
    page = opened(stand, ben, OURS[0], session(stand, ben)[1])
    say(ada, "Ada", "only for friends")
    ada.receive()
    say(page, "Ben", "by the cookie")
    turned_away(stand, page, "cookie-alone")
    say(ada, "Ada", "and now?")
    stand.expect(text_of(ada.receive()), "and now?", "cookie-alone", "the next text that Ada gets")


def takes_no_token_from_the_url(stand: Stand) -> None:
    """A token in the URL, where logs write it down, opens nothing."""
    ben = client(stand, "Ben")
    token, _ = session(stand, ben)
    page = opened(stand, ben, OURS[0], query=f"?token={quote(token)}")
    if not refused(page):
        say(page, "Ben", "by the URL")
        turned_away(stand, page, "token-in-url")


def asks_programs_for_the_token(stand: Stand) -> None:
    """A program, which sends no Origin, comes in by its token, and not without one."""
    enter(stand, "a program", None).close()
    stranger = client(stand, "stranger")
    silent, guessing = opened(stand, stranger, None), opened(stand, stranger, None)
    say(silent, "stranger", "hello")
    turned_away(stand, silent, "no-token-asked")
    guessing.send(type="auth", token="a guess")
    turned_away(stand, guessing, "no-token-asked")


def gives_tokens_that_nobody_guesses(stand: Stand) -> None:
    """Who knows a name does not know its token, and each session has another."""
    ben = client(stand, "Ben")
    given = [session(stand, ben)[0] for _ in range(2)]
    if given[0] == given[1]:
        raise Wrong("token-guessed", "another token for another session", "the same one twice")
    for guess in ("Ben", "ben", b64encode(b"Ben").decode(), "1", "2"):
        page = opened(stand, client(stand, "stranger"), None)
        page.send(type="auth", token=guess)
        turned_away(stand, page, "token-guessed")


def lets_nobody_post_as_another(stand: Stand) -> None:
    """A message in another's name is answered with an error, and nobody gets it."""
    ada, ben = enter(stand, "Ada", OURS[0]), enter(stand, "Ben", OURS[0])
    say(ada, "Ben", "I leave this room")
    seen = ada.receive()
    if seen is None or seen.get("type") != "error":
        raise Wrong("as-another", '{"type": "error", …} for Ada, who writes as Ben', shown(seen, ada))
    say(ada, "Ada", "hello")
    stand.expect(text_of(ben.receive()), "hello", "as-another", "the first text that Ben gets")


def turns_away_what_is_no_introduction(stand: Stand) -> None:
    """A first frame that is no JSON, or not of the shape that was asked for, is turned away like a bad token."""
    stranger = client(stand, "stranger")
    page = opened(stand, stranger, None)
    page.send(type="send", token=session(stand, stranger)[0])
    turned_away(stand, page, "any-first-frame")
    for frame in NO_INTRODUCTIONS:
        page = opened(stand, stranger, None)
        page.say(frame)
        seen = page.receive()
        if seen is not None or page.code != UNAUTHORIZED:
            what = repr(frame) if frame else "an empty frame"
            printed = f". It printed: {error}" if (error := stand.error()) else ""
            wanted = f"a close with {UNAUTHORIZED} after {what}"
            raise Wrong("stumbles-over-a-frame", wanted, shown(seen, page) + printed)
