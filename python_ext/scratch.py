"""A temporary folder that is gone afterwards, however the run ends."""

import fcntl
import shutil
import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def scratch(prefix: str) -> Iterator[Path]:
    """A temporary folder that goes with the block, also when SIGTERM or SIGHUP ends it.

    What a killed run left is removed first: nobody holds the lock of its folder any more.
    """
    for leftover in Path(tempfile.gettempdir()).glob(f"{prefix}*/.lock"):
        try:
            with leftover.open("rb") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(leftover.parent)
        except OSError:
            continue  # another run's, or another user's
    numbers = [
        number
        for number in (signal.SIGTERM, signal.SIGHUP)
        if signal.getsignal(number) == signal.SIG_DFL
    ]
    try:
        for number in numbers:
            signal.signal(number, signal.default_int_handler)
        with (
            tempfile.TemporaryDirectory(prefix=prefix) as folder,
            (Path(folder) / ".lock").open("wb") as lock,
        ):
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield Path(folder)
    finally:
        for number in numbers:
            signal.signal(number, signal.SIG_DFL)
