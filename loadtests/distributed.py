"""What the master and the workers of one run say to each other, in Locust's distributed mode.

Locust connects them (ZeroMQ over TCP), tells the master when one is lost, and has the workers start their users. Ours
go beside Locust's own messages, as its custom messages, and come in this order:

    worker -> master                      master -> worker
    hello: its process and its clock      job: which users it has, and all that they need
    ready: to have them started           (Locust's own: start them)
    subscribed: all of them are in        start: the moment, the same for all
    collected: all that was due is here   leave: stop the users
    left: they are gone                   drain: the server is about to go; wait for its FINs
    records: the tables                   over: that was all, or why the run is given up
    failed: why there can be no run       interrupted: write what there is
"""

from collections.abc import Iterator, Sequence
from typing import Any

import gevent
import msgspec
from gevent.queue import Queue

from loadtests.preparation import Run

FROM_WORKERS = ("hello", "ready", "subscribed", "collected", "left", "records", "failed")
FROM_MASTER = ("job", "start", "leave", "drain")
LOST_AFTER = 15  # seconds without one of Locust's heartbeats, which come each second


class Over(Exception):
    """The master has ended the run; says why, or nothing when it went well."""


class Halt(BaseException):
    """The master was interrupted: what there is until now is to be written."""


class Hello(msgspec.Struct, frozen=True):
    """Who a worker is: its process, its host, and which clock it reads."""

    pid: int
    host: str
    clock: str


class Job(msgspec.Struct, frozen=True):
    """A worker's part in a run."""

    worker: int
    host: int  # the first worker that is on the same
    workers: int
    run: Run
    run_id: str
    compare_clocks: bool  # they differ, so each worker has to ask the server for its own


class Records(msgspec.Struct, frozen=True):
    """A worker's part of the run: its files, as they are on disk."""

    files: dict[str, bytes]


class Line:
    """One end of the conversation. What is said waits, by its kind, until it is asked for."""

    def __init__(self, runner: Any, kinds: Sequence[str]) -> None:
        self.runner = runner
        self.said: dict[str, Queue[tuple[str, Any]]] = {kind: Queue() for kind in kinds}
        for kind in kinds:
            runner.register_message(kind, self.listen)

    def listen(self, msg: Any, **_: Any) -> None:
        self.said[msg.type].put((msg.node_id, msg.data))

    def tell(self, kind: str, data: Any = None, to: str | None = None) -> None:
        """Say something to the master, or to one worker, or to all."""
        self.runner.send_message(kind, msgspec.to_builtins(data, builtin_types=(bytes,)), to)

    def hear(self, kind: str) -> Any:
        """Wait for the next word of this kind."""
        return self.said[kind].get()[1]

    def end_on_orders(self) -> None:
        """Let the master's `over` and `interrupted` end this greenlet's work where it stands, as Over and Halt."""
        main_greenlet = gevent.getcurrent()

        def over(msg: Any, **_: Any) -> None:
            gevent.kill(main_greenlet, Over(msg.data or ""))

        def interrupted(**_: Any) -> None:
            gevent.kill(main_greenlet, Halt())

        self.runner.register_message("over", over)
        self.runner.register_message("interrupted", interrupted)


class Shares:
    """In place of Locust's dispatcher: each worker has the users that the seed gave it, and one that is late has none.

    What it offers is what MasterRunner uses (locust.dispatch.UsersDispatcher).
    """

    dispatch_in_progress = False

    def __init__(self, users: dict[str, int], worker_nodes: Sequence[Any], user_classes: Sequence[type]) -> None:
        self.users, self.user_class = users, user_classes[0].__name__

    def new_dispatch(self, **_: Any) -> None: ...

    def __iter__(self) -> Iterator[dict[str, dict[str, int]]]:
        yield {worker: {self.user_class: count} for worker, count in self.users.items()}

    def add_worker(self, worker_node: Any) -> None: ...

    def remove_worker(self, worker_node: Any) -> None: ...
