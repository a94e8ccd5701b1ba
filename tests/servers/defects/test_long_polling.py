"""What long polling does wrong in its first version."""

from tests.servers.defects.places import Place
from tests.servers.defects.raw import answer, ask, post, says_something

PATH = "/rooms/{}/messages"


# --8<-- [start:between]
def test_what_is_said_between_two_polls_is_never_heard(place: Place) -> None:
    server = place.start("long-polling")
    post(server, "said while nobody asked")
    poll = ask(server, "GET", PATH.format("lobby"))
    while not says_something(poll.sock, within=0.1):
        post(server, "said later")
    assert answer(poll).texts[0] == place.sees(minimal="said later", mended="said while nobody asked")


# --8<-- [end:between]


def test_news_in_one_room_wakes_all_the_others(place: Place) -> None:
    server = place.start("long-polling", "--hold", 1)
    epoch = post(server, "known", room="lobby").json.get("epoch", "")
    poll = ask(server, "GET", f"{PATH.format('lobby')}?after=1&epoch={epoch}")
    while not says_something(poll.sock, within=0.1):
        post(server, "news", room="another")
    assert answer(poll).texts == place.sees(minimal=["known"], mended=[]), "again, or the hold was over"
