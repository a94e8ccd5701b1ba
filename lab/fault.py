"""Faults that are injected, to see whether they are noticed."""

import contextlib
import threading
from collections.abc import Callable, Iterator


@contextlib.contextmanager
def stall(pid: int, after_s: float, for_s: float) -> Iterator[Callable[[], None]]:
    """Yields what to call to let a process and its children stand still, `after_s` from then, `for_s` long.

    Whatever happens meanwhile, they go on in the end. With `for_s` 0 nothing is done.
    """
    over = threading.Event()
    thread = threading.Thread(target=stand_still, args=(pid, after_s, for_s, over), daemon=True)
    try:
        yield thread.start if for_s > 0 else lambda: None
    finally:
        over.set()
        if thread.is_alive():
            thread.join()


def stand_still(pid: int, after_s: float, for_s: float, over: threading.Event) -> None:
    """SIGSTOP, and SIGCONT as soon as the time is up or all is over."""
    import psutil

    if over.wait(after_s):
        return
    stopped = []
    try:
        root = psutil.Process(pid)
        for process in (root, *root.children(recursive=True)):
            process.suspend()
            stopped.append(process)
        over.wait(for_s)
    except psutil.NoSuchProcess:
        pass  # the server has ended, and the run says so itself
    finally:
        for process in stopped:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.resume()
