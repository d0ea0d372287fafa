"""Values from the environment: `${NAME}` and `${NAME:-default}` in `sources.yaml`, and keeping them out of messages.

The environment is a mapping that the caller passes in; nothing here reads the process's own.

Not here: which fields of a source may hold such values (each connector expands its own).
"""

import re
from collections.abc import Mapping
from urllib.parse import parse_qsl, quote, quote_plus, unquote, urlsplit

from connectors.errors import SourceBroken

_REFERENCE = re.compile(r"\$\{(?P<name>[A-Za-z_][A-Za-z0-9_]*)(?::-(?P<default>[^}]*))?\}")
_PLAIN_QUERY_VALUES = frozenset({"true", "false", "require", "prefer", "verify-full", "disable"})
_SHORTEST_SECRET = 3
"""Shorter values are not looked for: replacing every `a` would leave nothing to read."""


class Secrets:
    """The secret values met while one table is read, so that they can be struck out of any message."""

    def __init__(self) -> None:
        """Start knowing none."""
        self._values: set[str] = set()

    def add(self, value: str) -> None:
        """Remember a secret, in the forms in which libraries print it."""
        forms = {
            value,
            value.strip(),
            quote(value, safe=""),
            quote_plus(value),
            unquote(value),
            repr(value)[1:-1],
        }
        self._values |= {form for form in forms if len(form) >= _SHORTEST_SECRET}

    def add_from_url(self, url: str) -> None:
        """Remember the password of an address and the values of its query."""
        try:
            parts = urlsplit(url)
        except ValueError:  # no address at all: nobody can say which part of it is secret
            self.add(url)
            return
        _, _, password = parts.netloc.rpartition("@")[0].partition(":")
        if password:
            self.add(password)
        for _, value in parse_qsl(parts.query):
            if not value.isdigit() and value.lower() not in _PLAIN_QUERY_VALUES:
                self.add(value)

    def redact(self, text: str) -> str:
        """Strike every secret out of a text, longest first."""
        for value in sorted(self._values, key=len, reverse=True):
            text = text.replace(value, "***")
        return text


def expand(text: str, environment: Mapping[str, str], *, place: str) -> str:
    """Replace each `${NAME}` by its value; `place` says where the text stands, for the message.

    An empty variable counts as unset, as `:-` has it in the shell.
    """

    def value(match: re.Match[str]) -> str:
        name, default = match["name"], match["default"]
        found = environment.get(name, "")
        if found:
            return found
        if default is not None:
            return default
        raise SourceBroken(
            f"{place}: the environment variable {name} is not set.",
            f"set {name}, or write ${{{name}:-default}} in sources.yaml.",
        )

    return _REFERENCE.sub(value, text)


def unset(text: str, environment: Mapping[str, str]) -> list[str]:
    """List the variables that a text needs, and that are neither set nor given a default."""
    return [
        match["name"]
        for match in _REFERENCE.finditer(text)
        if match["default"] is None and not environment.get(match["name"])
    ]


def referenced(text: str, environment: Mapping[str, str]) -> list[str]:
    """List the values from the environment that a text takes in."""
    found = (environment.get(match["name"], "") for match in _REFERENCE.finditer(text))
    return [value for value in found if value]
