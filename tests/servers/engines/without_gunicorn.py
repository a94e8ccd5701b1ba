"""`python -m servers` as it runs where gunicorn does not, on any system."""

import sys

from servers import __main__

__main__.available = lambda engine, workers: "pywsgi"

if __name__ == "__main__":
    sys.exit(__main__.main())
