"""`python -m servers` with a store that takes nothing, and says why in the client's own words."""

import sys
from typing import NoReturn

from servers import __main__
from servers.message import Draft
from servers.stores.memory import MemoryStore


def append(store: MemoryStore, room: str, draft: Draft) -> NoReturn:
    raise RuntimeError(f"cannot take {draft.text!r}")


MemoryStore.append = append

if __name__ == "__main__":
    sys.exit(__main__.main())
