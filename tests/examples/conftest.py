"""The example's data, made once per session."""

from pathlib import Path

import pytest

from examples.roastery.generator.build import build


@pytest.fixture(scope="session")
def roastery_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make the data of Kestrel Coffee; tests only read them."""
    folder = tmp_path_factory.mktemp("roastery") / "data"
    build(folder)
    return folder
