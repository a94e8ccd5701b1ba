"""What server-sent events do wrong in their first version."""

from contextlib import closing

from tests.processes import PATIENCE
from tests.servers.defects.places import Place
from tests.servers.defects.raw import EventStream, becomes, held, post, request, says_something

QUIET = 1.5  # seconds; our server is told to need one
LONG = "\N{WAVING HAND SIGN}" * 4000  # the longest text that ours takes


def test_a_stream_opens_with_the_first_message(place: Place) -> None:
    """Until then a browser shows that it is connecting, and a proxy may give up."""
    stream = EventStream(place.start("sse"))
    opens = says_something(stream.socket, within=place.sees(minimal=QUIET, mended=PATIENCE))
    assert opens == place.sees(minimal=False, mended=True)


def test_who_comes_back_to_a_stream_has_missed_what_was_said(place: Place) -> None:
    server = place.start("sse")
    receipt = post(server, "heard").json
    post(server, "said while it was away")
    stream = EventStream(server, last=f"{receipt.get('epoch', 'none')}-1")
    while not says_something(stream.socket, within=0.1):
        post(server, "said since")
    assert next(stream.texts()) == place.sees(minimal="said since", mended="said while it was away")


def test_a_listener_that_left_is_kept(place: Place) -> None:
    """Its thread waits for its queue, which is filled from now on; the next message but one ends the thread alone."""
    server = place.start("sse")
    let_go = True
    for _ in range(5):  # on a slow machine a second message may be on its way already, and end a thread
        EventStream.in_the_room(server).close()
        for _ in range(20):
            request(server, "GET", "/")
        let_go = let_go and becomes(lambda: held(server) == 0, within=place.sees(minimal=QUIET, mended=PATIENCE))
    assert let_go == place.sees(minimal=False, mended=True)


def test_a_listener_that_reads_nothing_is_kept(place: Place) -> None:
    server = place.start("sse", "--heartbeat", 3)
    with closing(EventStream.in_the_room(server, receive_buffer=4096)):
        for n in range(400):
            post(server, LONG, id=str(n))
        let_go = becomes(lambda: held(server) == 0, within=place.sees(minimal=QUIET, mended=PATIENCE))
    assert let_go == place.sees(minimal=False, mended=True)


def test_nothing_is_said_where_there_is_no_news(place: Place) -> None:
    """So a proxy closes the stream after its own idea of long, and nobody can tell a quiet room from a dead server."""
    stream = EventStream.in_the_room(place.start("sse", "--heartbeat", 1))
    comes = stream.goes_on(within=place.sees(minimal=QUIET, mended=PATIENCE))
    assert comes == place.sees(minimal=False, mended=True)
