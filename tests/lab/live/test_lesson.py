"""A class on its stage: the phases, the members, who may say what."""

import http.client
import json
import sys
from collections import Counter
from typing import Any

import pytest

from lab.live.lesson.members import TABS
from lab.live.lesson.names import is_made_up
from lab.live.lesson.plan import read
from lab.live.stage import TRY_AGAIN, UNAUTHORIZED
from tests.lab.live.conftest import ROBOTS
from tests.lab.live.lab import ClassLab, Page
from tests.processes import PATIENCE

LESSON = read()


@pytest.fixture
def projector(school: ClassLab):
    with school.projector() as projector:
        yield projector
        projector.say(type="fix", on=False)
        projector.say(type="phase", phase="vote")
        projector.hears("class", lambda now: now["phase"] == "vote")


def here(frame: dict[str, Any]) -> list[dict[str, Any]]:
    return [member for member in frame["members"] if member["open"]]


def test_the_projector_is_told_how_one_joins(school: ClassLab) -> None:
    with school.projector() as projector:
        told = projector.hears("invitation")
        assert (told["address"], told["code"]) == (f"{school.url}/", school.code)
        assert told["qr"]["size"] >= 21 + 8 and told["qr"]["path"].startswith("M")
        assert projector.hears("controls")["poll_s"] == 5
        assert projector.hears("class")["code"] == school.code
        assert set(projector.hears("counters")["transports"]) == {"short-polling", "long-polling", "sse", "websocket"}
    assert "█" in school.said or "▀" in school.said


def test_robots_join_and_speak_and_are_counted(school: ClassLab, projector: Page) -> None:
    now = projector.hears("class", lambda now: sum(member["robot"] for member in here(now)) == ROBOTS)
    assert all(is_made_up(member["name"]) for member in here(now) if member["robot"])
    now = projector.hears("class", lambda now: any(member["seen"] for member in here(now)))
    assert sum(echo["n"] for echo in now["echo"].values()) > 0
    move = projector.hears("flow")["moves"][0]
    assert move["from"] in {member["id"] for member in now["members"]} and move["ms"] > 0
    assert {cost["by"] for cost in now["everyone"].values()} == {"model"}


@pytest.mark.parametrize("phase", ["poll", "long", "push", "distance"])
def test_a_phase_moves_the_members_and_shares_them_out(school: ClassLab, projector: Page, phase: str) -> None:
    step = LESSON.step(phase)
    with school.member("quiet otter") as one, school.member("calm seal") as other:
        names = {page.hears("place")["member"] for page in (one, other)}
        assert len(names) == 2
        projector.say(type="phase", phase=phase)
        for page in (one, other):
            place = page.hears("place", lambda place: place["phase"] == phase)
            assert place["transport"] in step.transports and place["poll_s"] == 5 and place["room"] == "class"
            assert place["question"] is None and place["said"] == step.said
        now = projector.hears("class", lambda now: now["phase"] == phase and len(here(now)) == ROBOTS + 2)
        shares = Counter(member["transport"] for member in here(now))
        assert set(shares) == set(step.transports)
        assert max(shares.values()) - min(shares.values()) <= 1
    with school.projector() as other:
        assert other.hears("controls")["rtt_ms"] == step.rtt_ms


def test_robots_obey(school: ClassLab, projector: Page) -> None:
    """They hear by the transport that the phase has, and the echoes say so."""
    projector.say(type="phase", phase="push")
    now = projector.hears("class", lambda now: now["phase"] == "push" and now["echo"]["sse"]["n"] > 0
                          and now["echo"]["websocket"]["n"] > 0)  # fmt: skip
    assert now["echo"]["sse"]["p50"] > 0 and now["echo"]["sse"]["recent"]
    counted = projector.hears("counters", lambda now: now["transports"]["sse"]["connections"] >= ROBOTS // 2)
    assert counted["transports"]["websocket"]["connections"] >= ROBOTS // 2


def test_who_comes_late_is_put_where_fewest_are(school: ClassLab, projector: Page) -> None:
    projector.say(type="phase", phase="distance")
    projector.hears("class", lambda now: now["phase"] == "distance")
    with school.member("kind wren") as late:
        place = late.hears("place")
        now = projector.hears("class", lambda now: any(one["id"] == place["member"] for one in now["members"]))
        shares = Counter(member["transport"] for member in here(now))
        assert max(shares.values()) - min(shares.values()) <= 1


def test_a_member_may_switch_unless_the_projector_fixes_all(school: ClassLab, projector: Page) -> None:
    with school.member("brave lark") as member:
        place = member.hears("place")
        assert not place["fixed"]
        member.say(type="switch", transport="websocket")
        assert member.hears("place")["transport"] == "websocket"
        projector.say(type="fix", on=True)
        assert projector.hears("controls", lambda now: now["fixed"])
        assert member.hears("place")["fixed"]
        member.say(type="switch", transport="sse")
        assert member.hears("sorry")["title"]
        projector.say(type="phase", phase="long")
        assert member.hears("place", lambda place: place["phase"] == "long")["transport"] == "long-polling"


def test_robots_are_silent_when_they_are_told_to_be_and_begin_again_with_the_next_phase(
    school: ClassLab, projector: Page
) -> None:
    projector.say(type="phase", phase="distance")
    projector.hears("class", lambda now: now["messages_per_s"] > 2 and any(echo["n"] for echo in now["echo"].values()))
    projector.say(type="hush", on=True)
    projector.hears("controls", lambda now: now["robot_per_s"] == 0)
    silent = projector.hears("class", lambda now: now["quiet"] and now["messages_per_s"] == 0)
    with school.member("quiet otter") as member:
        assert member.hears("place")["quiet"]
        said = {one["id"]: one["seen"] for one in silent["members"]}
        for _ in range(6):  # three seconds
            now = projector.hears("class")
        assert {one["id"]: one["seen"] for one in now["members"] if one["id"] in said} == said
        projector.say(type="phase", phase="distance")
        assert not member.hears("place", lambda place: not place["quiet"])["quiet"]
    projector.hears("class", lambda now: now["messages_per_s"] > 2)


def test_a_member_votes_once_and_may_think_better_of_it(school: ClassLab, projector: Page) -> None:
    with school.member("wise hare") as member:
        place = member.hears("place")
        assert place["phase"] == "vote"
        ids = [choice["id"] for choice in place["question"]["items"][0]["choices"]]
        before = sum(projector.hears("class")["votes"].values())
        for choice in 5 * ids:
            member.say(type="vote", choice=choice)
        member.say(type="switch", transport="sse")
        member.hears("place", lambda place: place["transport"] == "sse")  # all has been heard
        now = projector.hears("class", lambda now: sum(now["votes"].values()) > before)
        assert sum(now["votes"].values()) <= before + 1 + ROBOTS
        projector.say(type="phase", phase="poll")
        member.hears("place", lambda place: place["phase"] == "poll")
        member.say(type="vote", choice="sse")
        assert "over" in member.hears("sorry")["title"]


def test_the_ticket_is_handed_in_and_what_is_right_stays_on_the_projector(school: ClassLab, projector: Page) -> None:
    with school.member("swift newt") as member:
        projector.say(type="phase", phase="ticket")
        question = member.hears("place", lambda place: place["phase"] == "ticket")["question"]
        assert "right" not in str(question) and len(question["items"]) == len(LESSON.ticket)
        for wrong in ([], ["a"], ["a", "b", "c", "z"], ["a"] * 20):
            member.say(type="ticket", answers=wrong)
            assert "exit ticket" in member.hears("sorry")["title"]
        before = projector.hears("class")["ticket"]["handed"]
        member.say(type="ticket", answers=[item.right for item in LESSON.ticket])
        ticket = projector.hears("class", lambda now: now["ticket"]["handed"] > before)["ticket"]
        for item in ticket["items"]:
            assert next(choice for choice in item["choices"] if choice["right"])["count"] >= 1


def test_who_comes_back_is_who_they_were_and_two_tabs_are_one_member(school: ClassLab, projector: Page) -> None:
    token = school.token("fond ibis")
    with Page(school, type="member", token=token) as first, Page(school, type="member", token=token) as second:
        assert first.hears("place")["member"] == second.hears("place")["member"]
    with Page(school, type="member", token=token) as again:
        place = again.hears("place")
        assert place["name"] == "fond ibis"
        more = [Page(school, type="member", token=token) for _ in range(TABS)]
        assert more[-1].is_closed() == TRY_AGAIN
        for page in more:
            page.stack.close()
    now = projector.hears("class", lambda now: any(one["id"] == place["member"] for one in now["members"]))
    assert sum(member["name"] == "fond ibis" for member in now["members"]) == 1


def test_a_name_that_was_typed_is_not_shown_unless_that_was_asked_for(school: ClassLab, projector: Page) -> None:
    with school.member("Real Name") as member:
        place = member.hears("place")
        assert place["name"] == ""
        now = projector.hears("class", lambda now: any(one["id"] == place["member"] for one in now["members"]))
        assert "Real Name" not in str(now)


def test_a_member_hears_nothing_of_the_class_and_can_do_nothing_that_the_projector_does(school: ClassLab) -> None:
    with school.member("neat tern") as member:
        assert member.hears("place")
        for frame in (
            {"type": "phase", "phase": "over"}, {"type": "set", "control": "rtt_ms", "value": 900},
            {"type": "do", "action": "restart"}, {"type": "fix", "on": True}, {"type": "end"},
            {"type": "projector", "key": school.key}, {"type": "watch"}, {"type": "member", "token": "x"},
        ):  # fmt: skip
            member.say(**frame)
            assert member.hears("sorry")["title"] == "That is not for a member to say."
        member.say(type="switch", transport="sse")
        heard = []
        while (frame := member.hears_any())["type"] != "place":
            heard.append(frame["type"])
        assert set(heard) <= {"sorry"}


@pytest.mark.parametrize(
    "echo",
    [
        {"transport": "sse", "ms": -1},
        {"transport": "sse", "ms": 1e9},
        {"transport": "pigeon", "ms": 1},
        {"transport": "sse", "ms": 1, "member": "m1"},
    ],
)
def test_an_echo_is_a_members_own_and_within_reason(school: ClassLab, echo: dict[str, Any]) -> None:
    with school.member("glad moose") as member:
        member.say(type="echo", **echo)
        assert member.hears("sorry")


def test_without_the_key_there_is_no_projector_and_without_a_session_no_member(school: ClassLab) -> None:
    for first in (
        {"type": "projector", "key": school.key[:-1]}, {"type": "projector", "key": ""}, {"type": "watch"},
        {"type": "member", "token": "made.up"}, {"type": "member", "token": "a\r\nb: c"},
    ):  # fmt: skip
        with Page(school, **first) as page:
            assert page.is_closed() == UNAUTHORIZED
    assert school.request("POST", "/session", {"name": "x", "code": "wrong"}).status == 403
    assert school.key not in school.request("GET", "/projector").body.decode()


@pytest.mark.skipif(
    sys.platform != "linux", reason="elsewhere loopback is one address, from which all devices seem to come"
)
def test_who_guesses_at_the_code_keeps_no_other_device_out(school: ClassLab) -> None:
    def arrive(device: str, code: str) -> int:
        connection = http.client.HTTPConnection(*school.address, timeout=PATIENCE, source_address=(device, 0))
        said = json.dumps({"name": "x", "code": code}), {"Content-Type": "application/json"}
        connection.request("POST", "/session", *said)
        with connection.getresponse() as answer:
            return answer.status

    guesses = [arrive("127.0.0.2", "coffee") for _ in range(20)]
    assert set(guesses[:10]) == {403} and guesses[-1] == 429
    assert arrive("127.0.0.2", school.code) == 429
    assert arrive("127.0.0.3", school.code) == 201


def test_a_restart_in_mid_lesson_ends_no_session(school: ClassLab, projector: Page) -> None:
    token = school.token("warm finch")
    projector.say(type="do", action="restart", transport=None)
    projector.happens("The server was killed")
    with Page(school, type="member", token=token) as member:  # it waits until somebody can say who this is
        assert member.hears("place")["name"] == "warm finch"
    projector.happens("The server is back")
    n = projector.hears("class")["echo"]
    projector.hears("class", lambda now: sum(map(count, now["echo"].values())) > sum(map(count, n.values())))


def count(echo: dict[str, Any]) -> int:
    return echo["n"]
