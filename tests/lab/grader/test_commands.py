"""`lab exercise`, as a learner types it."""

import json
import os
import subprocess
import sys

import pytest

from lab.grader.exercise import every
from tests.lab.grader.conftest import SOLUTION
from tests.processes import ROOT


@pytest.fixture
def lab(tmp_path):
    """`lab(words...)` is what `lab exercise` came to, in a folder of its own."""

    def said(*words):
        environment = {"COLUMNS": "120"} | os.environ | {"PYTHONPATH": str(ROOT)}
        command = [sys.executable, "-m", "lab", "exercise", *words]
        return subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)

    return said


def test_a_learner_begins_fails_takes_hints_and_passes(lab, tmp_path):
    begun = lab("start", "1")
    assert begun.returncode == 0 and "answers/01-cursor/chat.py is yours" in begun.stdout
    failed = lab("check", "1")
    assert failed.returncode == 1 and "not yet" in failed.stdout
    for word in ("expected", "seen", "why", "next", "As a picture: answers/.pictures/01-cursor.svg"):
        assert word in failed.stdout
    assert (tmp_path / "answers/.pictures/01-cursor.svg").read_text().startswith("<svg")
    hints = [lab("hint", "1").stdout for _ in range(4)]
    assert [hint.split(":")[0] for hint in hints[:3]] == ["Hint 1 of 3", "Hint 2 of 3", "Hint 3 of 3"]
    assert hints[3].startswith("There are 3 hints, and you have had them all")
    assert "lessons/are-we-there-yet.md" in hints[3]
    assert lab("hint", "1", "--level", "2").stdout == hints[1]
    (tmp_path / "answers/01-cursor/chat.py").write_text(SOLUTION)
    passed = lab("check", "cursor")
    assert passed.returncode == 0 and "passed" in passed.stdout and "expected" not in passed.stdout


def test_a_start_overwrites_nothing(lab):
    lab("start", "1")
    again = lab("start", "1")
    assert again.returncode == 2 and again.stderr.startswith("lab: answers/01-cursor is there already")


@pytest.mark.parametrize("width", ["80", "120"])
def test_the_list_has_them_all(lab, monkeypatch, width):
    monkeypatch.setenv("COLUMNS", width)
    shown = lab("list").stdout
    assert all(one.name in shown for one in every()) and "…" not in shown
    assert max(map(len, shown.splitlines())) <= int(width)
    assert [row["name"] for row in json.loads(lab("list", "--json").stdout)] == [one.name for one in every()]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["check", "99"], "lab: There is no exercise 99: lab exercise list shows them all.\n"),
        (["check", "1"], "lab: There is no folder answers/01-cursor: lab exercise start 1 makes it.\n"),
        (
            ["grade", "nowhere"],
            "lab: There is no folder nowhere: it holds a folder for each student, and in it their answers.\n",
        ),
        (
            ["hint", "1", "--level", "4"],
            "lab: --level: 4 is not a whole number from 1 to 3 (--help lists what there is).\n",
        ),
    ],
)
def test_bad_use_gets_one_sentence(lab, words, sentence):
    said = lab(*words)
    assert (said.returncode, said.stderr, said.stdout) == (2, sentence, "")


def test_watching_checks_again_when_a_file_is_saved(tmp_path):
    environment = os.environ | {"PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
    file = tmp_path / "mine" / "chat.py"
    file.parent.mkdir()
    file.write_text("import nothing_of_the_kind\n")
    command = [sys.executable, "-m", "lab", "exercise", "check", "1", "--dir", "mine", "--watch"]
    with subprocess.Popen(command, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, text=True) as watching:
        lines = iter(watching.stdout.readline, "")
        assert "not yet" in next(line for line in lines if "checks passed" in line)
        file.write_text(SOLUTION)
        assert ": passed." in next(line for line in lines if "checks passed" in line)
        watching.kill()


NODE = """
const http = require("http");
const rooms = {};
http.createServer((request, response) => {
  const url = new URL(request.url, "http://localhost");
  const log = rooms[url.pathname] || (request.method === "POST" ? (rooms[url.pathname] = []) : []);
  const answer = (status, body, headers = {}) => {
    response.writeHead(status, { "Content-Type": "application/json", ...headers });
    response.end(status === 304 ? "" : JSON.stringify(body));
  };
  if (request.method === "POST") {
    let text = "";
    request.on("data", (piece) => (text += piece));
    request.on("end", () => {
      const message = JSON.parse(text);
      const known = log.find((one) => one.id === message.id);
      if (known) return answer(200, { seq: known.seq });
      log.push({ seq: log.length + 1, ...message });
      answer(201, { seq: log.length });
    });
    return;
  }
  const etag = `"${log.length}"`;
  if (request.headers["if-none-match"] === etag) return answer(304, null, { ETag: etag });
  answer(200, { messages: log.slice(Number(url.searchParams.get("after") || 0)), cursor: log.length }, { ETag: etag });
}).listen(Number(process.env.PORT), "127.0.0.1");
"""


def test_any_language_will_do(lab, tmp_path, tool):
    node = tool("node")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "server.js").write_text(NODE)
    said = lab("check", "1", "--dir", "mine", "--command", f"{node} server.js")
    assert said.returncode == 0, said.stdout
    (tmp_path / "mine" / "server.js").write_text(NODE.replace("log.slice(", "log.slice(0 * "))
    said = lab("check", "1", "--dir", "mine", "--command", f"{node} server.js")
    assert said.returncode == 1 and "`after` is not used" in said.stdout
