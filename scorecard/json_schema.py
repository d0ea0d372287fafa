"""JSON Schema of each YAML file of a workspace, for editors that complete and check while typing.

`python -m scorecard.json_schema --write` writes them into docs/reference/schema. Generated from the model, never by hand.

Not here: the model itself, and checks that go across files.
"""

import argparse
import json
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from scorecard.company import Company
from scorecard.contracts import Contract
from scorecard.plans import Initiatives
from scorecard.sources import Sources
from scorecard.strategy import Strategy

FOLDER = Path(__file__).parents[1] / "docs" / "reference" / "schema"
MODELS: dict[str, type[BaseModel]] = {
    "company": Company,
    "sources": Sources,
    "strategy": Strategy,
    "initiatives": Initiatives,
    "contract": Contract,
}


def schemas() -> dict[str, dict[str, Any]]:
    """Give the schema of each kind of file: company, sources, strategy, initiatives, contract."""
    return {name: _schema(model) for name, model in MODELS.items()}


def _schema(model: type[BaseModel]) -> dict[str, Any]:
    schema = model.model_json_schema(mode="validation")
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def write(folder: Path) -> list[Path]:
    """Write every schema into `folder` as `<name>.schema.json`; give the files."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, schema in schemas().items():
        path = folder / f"{name}.schema.json"
        path.write_text(json.dumps(schema, indent=2, ensure_ascii=False) + "\n", "utf-8")
        written.append(path)
    return written


def main() -> None:
    """Write the schemas into the documentation, or print one."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--write", action="store_true", help=f"write them into {FOLDER.name}")
    if parser.parse_args().write:
        write(FOLDER)
    else:
        parser.print_help()


if __name__ == "__main__":
    main()
