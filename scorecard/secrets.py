"""Secrets written into a workspace's files, found by the look of them. The secret itself is never repeated.

Not here: where secrets come from (the environment, read by connectors and pipelines).
"""

import re
from collections.abc import Iterator
from pathlib import Path

from scorecard.findings import Finding

MAX_BYTES = 1_000_000
"""Larger files are data."""
_SKIPPED = frozenset({".git", ".steelyard", ".venv", "node_modules", "__pycache__"})
_SETTINGS = frozenset(
    {"", ".yaml", ".yml", ".json", ".toml", ".ini", ".cfg", ".conf", ".env", ".properties", ".txt"}
)
"""Endings of files that hold keys with values, beside prose and tables."""

_MEND = "Write ${NAME} instead and set NAME in the environment; then change the secret, since it has been seen."

_KEY = re.compile(
    r"""["']?(?P<key>[\w.-]*(?:password|passwd|passphrase|secret|token|api_?key|access_?key|private_?key|credentials?))["']?
    [ \t]*[:=][ \t]*(?P<value>\$\{[^}\n]*\}|"[^"\n]*"|'[^'\n]*'|[^\s,{}\[\]\#][^\s,}\]]*)""",
    re.IGNORECASE | re.VERBOSE,
)
_NO_SECRET = re.compile(
    r"|\$\{\w+\}|drop|hash|keep|null|~|true|false|text|[|>][+-]?", re.IGNORECASE
)
"""Values that are none: a variable without a default, what is done with a column of that name, a block of text."""

_PATTERNS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("A password in an address", re.compile(r"[a-z][a-z0-9+.-]*://[^\s/@:]*:(?!\$\{\w+\}@)[^\s/@]+@", re.IGNORECASE)),
    ("A secret in an address", re.compile(r"[?&](?:password|token|access_token|api_?key|secret|sig)=(?!\$\{\w+\})[^&\s\"']{4,}", re.IGNORECASE)),
    ("An authorization header", re.compile(r"authorization[\"']?\s*[:=]\s*[\"']?(?:bearer|basic)\s+(?=\S*\d)[\w.~+/=-]{10,}", re.IGNORECASE)),
    ("An AWS access key", re.compile(r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b")),
    ("A GitHub token", re.compile(r"\b(?:gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{22,})")),
    ("A GitLab token", re.compile(r"\bglpat-[A-Za-z0-9_-]{20,}")),
    ("A Slack token", re.compile(r"\bxox[abeprs]-[A-Za-z0-9-]{10,}")),
    ("A Google key", re.compile(r"\bAIza[0-9A-Za-z_-]{35}")),
    ("A payment key", re.compile(r"\b[sr]k_live_[0-9A-Za-z]{20,}")),
    ("A CRM access token", re.compile(r"\bpat-[a-z]{2}\d-[0-9a-f]{8}-[0-9a-f-]{27}")),
    ("A signed token", re.compile(r"\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.")),
    ("A private key", re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----")),
)  # fmt: skip


def find_secrets(root: Path) -> Iterator[Finding]:
    """Look through every text file below `root`."""
    for path in sorted(root.rglob("*")):
        below = path.relative_to(root)
        if _SKIPPED & set(below.parts) or path.is_symlink() or not path.is_file():
            continue
        try:
            content = path.read_bytes() if path.stat().st_size <= MAX_BYTES else b""
        except OSError as error:
            message = f"The file could not be looked through for secrets: {error.strerror}."
            yield Finding(below.as_posix(), 0, "warning", message, "Correct its permissions.")
            continue
        if b"\x00" not in content:
            yield from _in_text(content, path, below.as_posix())


def _in_text(content: bytes, path: Path, file: str) -> Iterator[Finding]:
    is_settings = path.suffix.lower() in _SETTINGS or path.name.startswith(".env")
    for number, line in enumerate(content.decode("utf-8", "replace").splitlines(), 1):
        what = secret_in(line, is_settings=is_settings)
        if what:
            yield Finding(file, number, "error", f"{what} is written into the file.", _MEND)


def secret_in(line: str, *, is_settings: bool) -> str | None:
    """Say what kind of secret a line holds, if any; `is_settings` where lines are keys with values."""
    for what, pattern in _PATTERNS:
        if pattern.search(line):
            return what
    for found in _KEY.finditer(line) if is_settings else ():
        if not _NO_SECRET.fullmatch(found["value"].strip("\"'")):
            return f"A secret ({found['key']})"
    return None
