"""What can go wrong between a source system and the lake, in the three ways that a caller treats differently.

Every message says what is wrong, where, and the mend, and never carries a secret.

Not here: bad data in rows that arrived whole (contracts judge those).
"""


class SourceError(Exception):
    """A table could not be read from its source."""

    def __init__(self, problem: str, mend: str) -> None:
        """Keep both parts; the text is `problem Mend: mend`."""
        self.problem = problem
        self.mend = mend
        super().__init__(f"{problem} Mend: {mend}")


class SourceUnavailable(SourceError):
    """The source did not answer, or not now: asking again later may help."""


class SourceBroken(SourceError):
    """The source answered with something that cannot be landed, or is declared wrongly: asking again does not help."""


class LakeDamaged(Exception):
    """A finished load in the lake is not as it was written. The text names the folder and the mend."""
