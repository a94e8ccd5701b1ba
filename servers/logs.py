"""What the server writes about itself, on stderr: a line for each thing, as text or as JSON, and no secret in either.

Nothing is written while all is well, unless every request is asked for (`--access-log`).
"""

import json
import logging
import re
import sys
import threading
from collections.abc import Sequence
from datetime import UTC, datetime
from types import TracebackType
from typing import Any

from gevent.hub import Hub

FORMS = ("text", "json")
MASK = "***"
TOKEN = re.compile(r"[\w-]{8,}\.[\w-]{5,7}\.[\w-]{27}")  # what, when and an SHA-1, as itsdangerous writes them
CREDENTIALS = re.compile(r"(?<=://)(?!USER:PASSWORD@)[^/@\s]+(?=@)")  # the user and the password in a store's URL
CONTROLS = {n: repr(chr(n))[1:-1] for n in (*range(32), 127, 0x85, 0x2028, 0x2029)}  # as Python writes them: \n for LF


class Lines(logging.Formatter):
    """A record as a line for people. An exception adds lines that begin with blanks: none looks like a record."""

    def __init__(self, secrets: Sequence[str]) -> None:
        super().__init__()
        self._secrets = [secret for secret in secrets if secret]

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created).astimezone().strftime("%Y-%m-%d %H:%M:%S %z")
        line = f"[{at}] [{record.process}] [{record.levelname}] {record.getMessage().translate(CONTROLS)}"
        if record.exc_info and record.exc_info[0]:
            line = "\n  ".join([line, *self.formatException(record.exc_info).splitlines()])
        return self.masked(line)

    def masked(self, line: str) -> str:
        """The line without what nobody may read in it."""
        for secret in self._secrets:
            line = line.replace(secret, MASK)
        return CREDENTIALS.sub(MASK, TOKEN.sub(MASK, line))


class JsonLines(Lines):
    """A record as a JSON object. Of an exception: its type and its way, not its words, which may quote a client."""

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        line: dict[str, Any] = {
            "at": at,
            "level": record.levelname,
            "logger": record.name,
            "pid": record.process,
            "message": self.masked(record.getMessage()),
        }
        line |= getattr(record, "fields", {})
        if record.exc_info and record.exc_info[0]:
            line["exception"] = {"type": record.exc_info[0].__name__, "frames": frames(record.exc_info[2])}
        return json.dumps(line, separators=(",", ":"))  # in ASCII, so that no line of it is two to anybody


def frames(traceback: TracebackType | None) -> list[str]:
    """Where an exception passed, the innermost last."""
    found = []
    while traceback:
        code = traceback.tb_frame.f_code
        found.append(f"{code.co_filename}:{traceback.tb_lineno} {code.co_name}")
        traceback = traceback.tb_next
    return found


def init(form: str, secrets: Sequence[str] = ()) -> None:
    """From now on all that the process has to say goes to stderr in this form: warnings, and what nobody caught."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter((JsonLines if form == "json" else Lines)(secrets))
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    logging.captureWarnings(True)
    sys.excepthook = uncaught
    threading.excepthook = lambda args: uncaught(*args[:3])
    Hub.print_exception = lambda hub, context, *failure: uncaught(*failure)


def uncaught(kind: type[BaseException], error: BaseException | None, traceback: TracebackType | None) -> None:
    """Of a thread, a greenlet, or the process."""
    logging.getLogger("servers").critical("Nobody caught this.", exc_info=(kind, error or kind(), traceback))
