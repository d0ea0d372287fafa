import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from reports import site as site_module
from reports.edition import Edition, edition_of
from reports.site import build
from reports.warehouse.published import read
from tests.reports.make_warehouse import make_warehouse


@pytest.fixture(scope="session", autouse=True)
def _as_many_processes_as_there_are_tests() -> Iterator[None]:
    """Build in this process where nothing else is asked for: the tests keep every processor busy as it is."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(site_module, "SHARED_FROM", sys.maxsize)
        yield


@pytest.fixture(scope="session")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_warehouse(tmp_path_factory.mktemp("release") / "warehouse.duckdb")


@pytest.fixture(scope="session")
def edition(warehouse: Path) -> Edition:
    return edition_of(read(warehouse))


@pytest.fixture(scope="session")
def site(warehouse: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("site")
    build(warehouse, out)
    return out
