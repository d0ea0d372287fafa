from pathlib import Path

import pytest

from reports.edition import Edition, edition_of
from reports.site import build
from reports.warehouse.published import read
from tests.reports.make_warehouse import make_warehouse


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
