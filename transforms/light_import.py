"""Importing Great Expectations without the libraries that it does not need here: half of its time would go to them.

Not here: what is asked of it (checker).
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from types import ModuleType
from typing import Any

HIDDEN = ("pyspark", "boto3", "botocore")
"""It does without these: engines and stores that are not used here."""
LATER = ("altair", "scipy.stats")
"""Charts, and one expectation's entropy."""


class Later(ModuleType):
    """A module that is imported when something of it is first asked for; `importlib.util.LazyLoader` imports it at a second `import`."""

    def __getattr__(self, name: str) -> Any:
        """Give it from the module itself."""
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(import_module(self.__name__), name)


@contextmanager
def light_import() -> Iterator[None]:
    """While it lasts, importing `HIDDEN` fails, and `LATER` is imported by who imports it when it is first used.

    PySpark takes a second, warns of pandas 3, and ends a process that was started with `python -c`. Its modules may be loaded
    already, by a run on Spark; each of them is hidden, since Python asks for no parent of a module that it has.
    """
    hidden = {name: found for name, found in sys.modules.items() if name.split(".")[0] in HIDDEN}
    later = [name for name in LATER if name not in sys.modules]
    for name in hidden:
        del sys.modules[name]
    sys.modules.update(dict.fromkeys(HIDDEN))  # type: ignore[arg-type]  # None makes importing it fail
    sys.modules.update({name: Later(name) for name in later})
    try:
        yield
    finally:
        for name in (*HIDDEN, *later):
            del sys.modules[name]
        sys.modules.update(hidden)
