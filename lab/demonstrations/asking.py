"""Somebody elsewhere: a plain HTTP client, for what is asked and written beside the clients that are looked at."""

import asyncio
import http.client
from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import msgspec

from lab.children import RunFailed

PATIENCE = 10.0  # seconds for any answer


class Answer(NamedTuple):
    status: int
    body: bytes

    @property
    def json(self) -> Any:
        return msgspec.json.decode(self.body)


async def ask(method: str, url: str, body: object = None, headers: Mapping[str, str] = {}) -> Answer:
    """One request on a connection of its own; a body is sent as JSON. RunFailed without an answer."""
    return await asyncio.to_thread(exchange, method, url, body, headers)


def exchange(method: str, url: str, body: object, headers: Mapping[str, str]) -> Answer:
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=PATIENCE)
    sent = None if body is None else msgspec.json.encode(body)
    kind = {} if body is None else {"Content-Type": "application/json"}
    try:
        connection.request(method, parts._replace(scheme="", netloc="").geturl(), sent, {**kind, **headers})
        response = connection.getresponse()
        return Answer(response.status, response.read())
    except (OSError, http.client.HTTPException) as error:
        raise RunFailed(f"{url} did not answer ({error})") from None
    finally:
        connection.close()
