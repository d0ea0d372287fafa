"""What every part of the model shares: the strict base class and the form of identifiers.

Not here: anything with a meaning of its own in the method.
"""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints

Id = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=60)]
"""An identifier: lower case, digits and underscores, so that it serves in SQL, in a file name and in an address."""

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
"""Text that a person reads; never empty."""


class Part(BaseModel):
    """A part of the workspace: frozen, and refusing keys that it does not know."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)
