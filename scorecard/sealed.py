"""JSON documents that Steelyard writes for itself: a seal tells damage, a format number tells a newer program.

The seal is the SHA-256 of all the rest, keys in order. Documents of older versions carry none, and are read as they are.

Not here: the documents (scorecard.load, transforms.ledger, pipelines), and files a person writes.
"""

import hashlib
import json
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ValidationError

SEAL = "seal"

Document = TypeVar("Document", bound=BaseModel)


class DocumentDamaged(Exception):
    """A document that is not as it was written; the text says in a few words what is wrong."""


class DocumentNewer(Exception):
    """A document that a newer version of the program wrote; the text says so, with the mend."""


def sealed(document: BaseModel) -> str:
    """Give a document as text, with its seal."""
    told = document.model_dump(mode="json")
    return json.dumps(told | {SEAL: _seal(told)}, indent=2, ensure_ascii=False) + "\n"


def unsealed(kind: type[Document], text: bytes) -> Document:
    """Read a document.

    Raises:
        DocumentDamaged: it cannot be read, or its seal is not that of what it says.
        DocumentNewer: its format number is beyond those that this version knows.

    """
    try:
        told = json.loads(text)
    except (UnicodeDecodeError, ValueError):
        raise DocumentDamaged("it is no JSON") from None
    if not isinstance(told, dict):
        raise DocumentDamaged("it is no JSON object")
    _require_known(kind, told.get("format"))
    seal = told.pop(SEAL, None)
    if seal is not None and seal != _seal(told):
        raise DocumentDamaged("its seal is not that of what it says")
    try:
        return kind.model_validate_json(json.dumps(told))
    except ValidationError as error:
        place = ".".join(str(part) for part in error.errors()[0]["loc"]) or "the whole"
        raise DocumentDamaged(f"{place}: {error.errors()[0]['msg']}") from None


def _seal(told: dict[str, Any]) -> str:
    text = json.dumps(told, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _require_known(kind: type[BaseModel], found: object) -> None:
    known = max(get_args(kind.model_fields["format"].annotation))
    if isinstance(found, int) and found > known:
        raise DocumentNewer(
            f"it has format {found}, and this version of Steelyard knows up to {known}: "
            "a newer version wrote it. Mend: run that version or a later one."
        )
