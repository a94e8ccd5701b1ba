"""A store in Redis, a stream for each room: shared by many processes, and as lasting as Redis is set up to be."""

import hashlib
import logging
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import redis
from redis.backoff import NoBackoff
from redis.client import PubSub
from redis.commands.core import Script
from redis.exceptions import NoPermissionError
from redis.retry import Retry

from servers.message import PAGE, Draft, Message, Page, Receipt, encode, now
from servers.stores import scripts
from servers.stores.base import CursorAhead, CursorGone, IdTaken, Store, Unavailable
from servers.stores.lives import Life, Lives

NAME = "polls-apart"  # all keys begin with it
REMEMBERED = 86_400  # seconds that an id is known, whether its message is kept or not
CONNECTIONS = 32  # to Redis, for calls of a millisecond: held polls and streams take none
TIMEOUT = 2.0  # seconds for a connection, and for an answer
QUEUE = 5.0  # seconds until one of the connections is free
BEAT = 1.0  # seconds of silence on the channel after which Redis is asked whether it is there
SILENCE = 5.0  # seconds without any answer, after which the connection is given up
BACKOFF = (0.05, 1.0)  # seconds between two attempts to come back, doubling from the first to the second
WRITES_FIRST = {"appendonly": "yes", "appendfsync": "always", "no-appendfsync-on-rewrite": "no"}
ATTEMPTS = 5  # at a call that a restart of Redis came between

log = logging.getLogger(__name__)


class RedisStore(Store):
    """Rooms as streams, whose entries are named `<seq>-0`; ids as keys that expire; the epoch beside them.

    One thread hears of every message that another process sent, and rings the bells of its room. After each interval
    in which it may have missed some, it rings all.
    """

    def __init__(self, url: str, keep: int) -> None:
        super().__init__(keep)
        self._lives = Lives()
        self._me = secrets.token_hex(4)  # so that the process knows its own news
        self._missed = self._listens = False
        self._redis = connect(url)
        place = self._redis.connection_pool.connection_kwargs
        self._where = place.get("path") or f"{place.get('host', 'localhost')}:{place.get('port', 6379)}"
        self._news = f"{NAME}:news:{place.get('db', 0)}"  # the channel on which every message is announced
        self._look, self._append, self._since = map(
            self._redis.register_script, (scripts.LOOK, scripts.APPEND, scripts.SINCE)
        )
        self._lasting = 0
        try:
            self._lasting = int(self._writes_first())
            self._call(self._look, [], [])
            self._redis.publish(self._news, f"{self._me} - - 0 -")  # no news to anybody
        except NoPermissionError as error:
            mend = f"Let it use all keys and channels that begin with {NAME}: and all commands"
            raise ValueError(f"Redis at {self._where} does not let this user in: {error}. {mend}") from None
        except redis.AuthenticationError:
            mend = "Name them with --store redis://USER:PASSWORD@HOST:PORT"
            raise ValueError(f"Redis at {self._where} wants another user and password. {mend}") from None
        except redis.RedisError as error:
            raise self._unavailable(error) from None
        threading.Thread(target=self._listen, daemon=True).start()

    def append(self, room: str, draft: Draft) -> Receipt:
        keep = self.kept(room)
        digest = hashlib.blake2b(encode(draft), digest_size=16).hexdigest()
        epoch, seq, new = self._call(
            self._append,
            [f"{NAME}:room:{room}", f"{NAME}:id:{room}:{draft.id}"],
            [digest, draft.id, draft.sender, draft.text, now(), keep, REMEMBERED, self._news, self._me, room],
        )
        if not seq:
            raise IdTaken
        self._ring(room)  # also for a repeat: the first answer may have been lost on its way here
        return Receipt(seq, epoch, new=bool(new))

    def since(self, room: str, after: int, epoch: str | None = None, most: int = PAGE) -> Page:
        current, trimmed, last, entries = self._call(self._since, [f"{NAME}:room:{room}"], [after, most])
        if epoch not in (None, current) or after < trimmed:
            raise CursorGone(current, trimmed)
        if after > last:
            raise CursorAhead(current, trimmed)
        messages = [message(*entry) for entry in entries]
        return Page(messages, after + len(messages), current)

    def _call(self, script: Script, keys: list[str], arguments: list[Any]) -> list[Any]:
        """Run a script. Returns the epoch, and what the script returns. Raises Unavailable."""
        for _ in range(ATTEMPTS):
            seen = self._lives.now
            new = secrets.token_hex(4)
            knowledge: list[Any] = [new, self._lasting, seen.epoch, seen.run, seen.taken, int(self._listens)]
            try:
                epoch, run, taken, adopted, *told = script([f"{NAME}:life", *keys], [*knowledge, *arguments])
            except redis.RedisError as error:
                self._missed |= script is self._since  # whoever reads, waits to be rung again
                raise self._unavailable(error) from None
            if self._lives.believe(Life(epoch.decode(), run.decode(), taken, adopted)):
                self.epoch = self._lives.now.epoch
                return [epoch.decode(), *told]
        raise Unavailable(f"Redis at {self._where} was started again and again")

    def _unavailable(self, error: redis.RedisError) -> Unavailable:
        """What to raise. Where Redis cannot be reached, the log says so once, and the listener looks for it."""
        why = str(error).rstrip(".")
        if not isinstance(error, redis.ConnectionError | redis.TimeoutError):
            return self._refused(f"Redis at {self._where} refuses: {why}")
        reason = f"Redis at {self._where} does not serve: {why}"
        self._missed = True
        if not self.down and self._listens:
            log.warning("%s. Trying again until it does.", reason)
        self.down = True
        return Unavailable(reason)

    def _listen(self) -> None:
        """Hear the news, and come back after whatever happens, until the store is closed."""
        pause, longest = BACKOFF
        while not self.closed:
            self._missed = False
            try:
                with self._redis.pubsub() as channel:  # type: ignore[no-untyped-call]
                    channel.subscribe(self._news)
                    for kind, data in self._heard(channel):
                        if self.closed:  # and vouches for nothing any more
                            break
                        if kind == "subscribe":
                            self._call(self._look, [], [])
                            self._listens = True
                            self._back()
                            pause = BACKOFF[0]
                        elif kind == "message":
                            with suppress(ValueError):  # not ours, or of another release
                                self._hear(data)
            except redis.RedisError as error:
                self._unavailable(error)
            except Unavailable:
                pass
            if not self.closed:
                time.sleep(pause)
                pause = min(2 * pause, longest)

    def _heard(self, channel: PubSub) -> Iterator[tuple[str, Any]]:
        """What comes on the channel: its kind and what it says. Ends when a call failed elsewhere."""
        last = time.monotonic()
        while not (self.closed or self._missed):
            said = channel.get_message(timeout=BEAT)
            if said:
                last = time.monotonic()
                yield said["type"], said["data"]
            elif time.monotonic() - last > SILENCE:
                raise redis.TimeoutError("nothing was heard for too long")
            else:
                channel.ping()

    def _back(self) -> None:
        """Redis is there, and the channel open: whoever waits may have missed something."""
        if self.down:
            log.warning("Redis at %s serves again.", self._where)
        self.down = False
        self._ring_all()

    def _hear(self, data: bytes) -> None:
        """Another process's message: remember it, and ring. The answers to come are read from the log."""
        who, epoch, run, taken, room = data.decode().split(" ")
        if who != self._me:
            self._lives.hear(epoch, run, int(taken))
            self._ring(room)

    def _writes_first(self) -> bool:
        """Whether Redis writes a message to its disk before it acknowledges it. Raises ValueError if it may evict."""
        try:
            found = self._redis.config_get("maxmemory*", "append*", "no-appendfsync-on-rewrite")
        except redis.ResponseError:  # a managed one may not tell
            return False
        if found.get("maxmemory", "0") != "0" and found.get("maxmemory-policy") != "noeviction":
            raise ValueError(f"Redis at {self._where} may evict messages. Set its maxmemory-policy to noeviction")
        return found.items() >= WRITES_FIRST.items()


def connect(url: str) -> redis.Redis:
    """A client that gives up early, so that nothing waits long for a Redis that is not there. Raises ValueError."""
    options: dict[str, Any] = {
        "max_connections": CONNECTIONS,
        "timeout": QUEUE,
        "socket_timeout": TIMEOUT,
        "socket_connect_timeout": TIMEOUT,
        "protocol": 2,
        "retry": Retry(NoBackoff(), 1, (redis.ConnectionError,)),  # for connections from before a restart
    }
    try:
        pool = redis.BlockingConnectionPool.from_url(url, **options)
        pool.connection_kwargs["decode_responses"] = False  # whatever follows the `?`
        pool.connection_class(**pool.connection_kwargs)  # which judges the rest of it
        return redis.Redis(connection_pool=pool)
    except (ValueError, TypeError):
        raise ValueError("the store's address must be like redis://HOST:PORT/NUMBER") from None


def message(name: bytes, fields: list[bytes]) -> Message:
    """A message from an entry of a stream."""
    named = dict(zip(fields[::2], fields[1::2], strict=True))
    return Message(
        int(name.partition(b"-")[0]), *(named[field].decode() for field in (b"id", b"sender", b"text", b"at"))
    )
