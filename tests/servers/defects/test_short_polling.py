"""What short polling does wrong in its first version."""

from tests.servers.defects.places import Place
from tests.servers.defects.raw import post, request

PATH = "/rooms/lobby/messages"
PAGE = 500  # messages


def test_a_poll_without_news_is_a_whole_answer(place: Place) -> None:
    server = place.start("short-polling")
    post(server, "hello")
    first = request(server, "GET", PATH)
    cursor = f"{PATH}?after={first.json['cursor']}&epoch={first.json.get('epoch', '')}"
    again = request(server, "GET", cursor, If_None_Match=first.headers.get("ETag", "*"))
    assert again.status == place.sees(minimal=200, mended=304)
    assert bool(again.body) == place.sees(minimal=True, mended=False)


def test_an_answer_is_as_long_as_the_log(place: Place) -> None:
    server = place.start("short-polling")
    for n in range(PAGE + 10):
        post(server, f"message {n}")
    assert len(request(server, "GET", PATH).texts) == place.sees(minimal=PAGE + 10, mended=PAGE)


def test_a_log_is_kept_for_ever(place: Place) -> None:
    server = place.start("short-polling", "--keep", 10)
    for n in range(100):
        post(server, f"message {n}")
    answer = request(server, "GET", PATH)
    assert answer.status == place.sees(minimal=200, mended=410), "gone: what is left begins after its cursor"
    kept = 100 - (0 if answer.status == 200 else answer.json["cursor"])
    assert (kept < 20) == place.sees(minimal=False, mended=True)


def test_a_cursor_that_is_no_number_is_the_servers_error(place: Place) -> None:
    server = place.start("short-polling")
    assert request(server, "GET", f"{PATH}?after=abc").status == place.sees(minimal=500, mended=400)


def test_a_cursor_below_zero_counts_from_the_end(place: Place) -> None:
    server = place.start("short-polling")
    post(server, "first")
    post(server, "second")
    answer = request(server, "GET", f"{PATH}?after=-1")
    assert answer.json.get("messages", answer.status) == place.sees(
        minimal=[{"seq": 2, "id": "second", "sender": "Ada", "text": "second"}], mended=400
    )
