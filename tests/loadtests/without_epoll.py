"""`python -m loadtests.run` as it runs where there is no epoll, on any system."""

import sys

from loadtests import reactor, run

reactor.epoll_supported = lambda: False

if __name__ == "__main__":
    sys.exit(run.main())
