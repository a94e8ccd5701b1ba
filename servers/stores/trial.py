"""Whether a store can be used, found out before anything listens."""

import logging
import os
import sqlite3

from servers.stores import Unavailable, open_store
from servers.stores.base import Refused


def trial(url: str, keep: int) -> str:
    """What is wrong with a store and how to mend it, or nothing.

    A child tries, and what it imports is gone with it: gevent must patch a process before Redis's client is there.
    """
    if not hasattr(os, "fork"):
        return trouble(url, keep)
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        logging.disable()  # it is told by its parent alone
        try:
            os.write(writing, trouble(url, keep).encode())
        finally:
            os._exit(0)
    os.close(writing)
    with open(reading, encoding="utf-8") as pipe:
        said = pipe.read()
    os.waitpid(child, 0)
    return said


def trouble(url: str, keep: int) -> str:
    """The same, in this process."""
    try:
        open_store(url, keep).close()
    except ValueError as error:
        return str(error)
    except Refused as error:
        return str(error)
    except Unavailable as error:
        return f"{error}. Start it, or name another with --store"
    except sqlite3.Error as error:
        mend = "a file in a folder that you may write to"
        if error.sqlite_errorcode == sqlite3.SQLITE_NOTADB:
            mend = "another file, or one that is not there yet"
        elif error.sqlite_errorcode == sqlite3.SQLITE_BUSY:
            mend = "another file: a process has this one"
        return f"cannot open the store {url}: {error}. Name {mend}"
    except Exception as error:  # whatever it is, it is said before anything listens
        return f"cannot open the store: {type(error).__name__}: {error}"
    return ""
