"""One Locust user per transport, each in its own file, with the same functions in the same order."""

from loadtests.users.base import Participant
from loadtests.users.long_polling import LongPolling
from loadtests.users.short_polling import ShortPolling
from loadtests.users.sse import Sse
from loadtests.users.websocket import WebSocket

USERS: dict[str, type[Participant]] = {user.transport: user for user in (ShortPolling, LongPolling, Sse, WebSocket)}
