"""HTTP/2 as Chromium speaks it, without a socket: bytes go in and come out (RFC 9113, headers by RFC 7541).

A connection has a table of the header fields that were sent on it, and a field that is in it costs a byte or two. As in
Chromium every field enters the table but the path, which is written out each time. What is announced at the beginning
is Chromium's too: windows so large that no answer here ever has to wait for leave to go on. (h2 announces two defaults
more, in 12 bytes.)
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

from h2 import events
from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.exceptions import ProtocolError
from h2.settings import SettingCodes, Settings
from hpack import HeaderTuple, NeverIndexedHeaderTuple

from loadtests.headers import Header

ANNOUNCED = {
    SettingCodes.HEADER_TABLE_SIZE: 65_536,
    SettingCodes.ENABLE_PUSH: 0,
    SettingCodes.INITIAL_WINDOW_SIZE: 6_291_456,
    SettingCodes.MAX_HEADER_LIST_SIZE: 262_144,
}
WINDOW = 15_663_105  # bytes more for the whole connection than the 65,535 that it begins with
URGENCY: dict[str, Any] = {"priority_weight": 220, "priority_depends_on": 0, "priority_exclusive": True}
PRIORITY = HeaderTuple(
    "priority", "u=1, i"
)  # that of fetch() and EventSource (RFC 9218); above, what it was in RFC 7540
OF_A_CONNECTION = ("host", "connection")  # fields that HTTP/2 says otherwise, or does not have


class Head(NamedTuple):
    """The beginning of an answer."""

    status_code: int
    headers: list[tuple[bytes, bytes]]


News = Head | bytes | ConnectionError | None
"""What is new of a request: its answer's head, a piece of the body, why there will be no more, or None: its end."""


class Session:
    """One connection. What has to be sent is `outgoing()`'s: after the beginning, each request, and each feeding."""

    def __init__(self) -> None:
        self.h2 = H2Connection(H2Configuration(client_side=True, header_encoding=None))
        self.h2.local_settings = Settings(client=True, initial_values=ANNOUNCED)
        self.h2.decoder.max_allowed_table_size = ANNOUNCED[SettingCodes.HEADER_TABLE_SIZE]
        self.h2.initiate_connection()
        self.h2.increment_flow_control_window(WINDOW)
        self.settled = False  # whether the server has announced its settings, and taken ours
        self.over = False  # whether no more requests may be made

    def ask(self, method: str, authority: str, target: str, fields: list[Header], body: bytes = b"") -> int:
        """Make a request; returns its number. ConnectionError when none can be made any more."""
        try:
            number: int = self.h2.get_next_available_stream_id()
            found = browser_fields(method, authority, target, fields)
            self.h2.send_headers(number, found, end_stream=not body, **URGENCY)
            if body:
                self.h2.send_data(number, body, end_stream=True)
        except ProtocolError as error:
            raise ConnectionError(f"no request can be made: {error}") from None
        return number

    def outgoing(self) -> bytes:
        data: bytes = self.h2.data_to_send()
        return data

    def feed(self, data: bytes) -> Iterator[tuple[int, News]]:
        """What these bytes say of which request. ConnectionError where they make no sense."""
        try:
            found = self.h2.receive_data(data)
        except ProtocolError as error:
            self.over = True
            raise ConnectionError(f"the server broke off: {error}") from None
        for event in found:
            yield from self.news(event)

    def news(self, event: events.Event) -> Iterator[tuple[int, News]]:
        match event:
            case events.ResponseReceived(stream_id=number, headers=fields):
                plain = [(bytes(name), bytes(value)) for name, value in fields]
                yield number, Head(int(plain[0][1]), plain[1:])  # :status comes first (RFC 9113 section 8.3)
            case events.DataReceived(stream_id=number, data=data, flow_controlled_length=length):
                self.h2.acknowledge_received_data(length, number)
                yield number, data
            case events.StreamEnded(stream_id=number):
                yield number, None
            case events.StreamReset(stream_id=number, error_code=code):
                yield number, ConnectionError(f"the server reset the stream ({code})")
            case events.ConnectionTerminated(last_stream_id=last):
                self.over = True
                for number in list(self.h2.streams):
                    if number > (last or 0):
                        yield number, ConnectionError("the server takes no more requests on this connection")
            case events.SettingsAcknowledged():
                self.settled = True


def browser_fields(method: str, authority: str, target: str, fields: list[Header]) -> list[HeaderTuple]:
    """What Chromium makes of the fields of HTTP/1.1, in its order."""
    return [
        HeaderTuple(":method", method),
        HeaderTuple(":authority", authority),
        HeaderTuple(":scheme", "https"),
        NeverIndexedHeaderTuple(":path", target),
        *(HeaderTuple(name.lower(), value) for name, value in fields if name.lower() not in OF_A_CONNECTION),
        PRIORITY,
    ]
