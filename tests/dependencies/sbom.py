"""The software bill of materials of a release, in CycloneDX: every locked dependency at run time, with its files' hashes.

The same lock gives the same bytes: the document is numbered by its content and carries no moment.

    python -m tests.dependencies.sbom dist

Not here: what is known against the dependencies (audit).
"""

import sys
import tomllib
import uuid
from pathlib import Path

from cyclonedx.model import HashAlgorithm, HashType, Property
from cyclonedx.model.bom import Bom, BomMetaData
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.model.license import LicenseExpression
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL

from tests.dependencies.lock import ROOT, RUNTIME, Locked, read_lock

_SPACE = uuid.uuid5(uuid.NAMESPACE_URL, "https://cyclonedx.org/steelyard")


def document(locked: tuple[Locked, ...], *, version: str) -> str:
    """Write the bill of materials of a version of Steelyard."""
    product = Component(
        type=ComponentType.APPLICATION,
        name="steelyard",
        version=version,
        bom_ref="steelyard",
        licenses=[LicenseExpression("Apache-2.0")],
    )
    parts = [_component(each) for each in locked]
    number = uuid.uuid5(_SPACE, version + repr(locked))
    bom = Bom(components=parts, serial_number=number, metadata=BomMetaData(component=product))
    bom.metadata.timestamp = None  # type: ignore[assignment]  # the standard does without, and equal locks give equal bytes
    bom.register_dependency(product, parts)
    return JsonV1Dot6(bom).output_as_string(indent=1) + "\n"


def _component(each: Locked) -> Component:
    where = [Property(name="steelyard:marker", value=each.marker)] if each.marker else []
    return Component(
        type=ComponentType.LIBRARY,
        name=each.name,
        version=each.version,
        bom_ref=f"{each.name}=={each.version}{f' ; {each.marker}' if each.marker else ''}",
        purl=PackageURL("pypi", name=each.name, version=each.version),
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=each) for each in each.hashes],
        properties=where,
    )


def version() -> str:
    """Read Steelyard's version."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    return str(project["version"])


def main(folder: Path) -> Path:
    """Write `steelyard-<version>.cdx.json` into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"steelyard-{version()}.cdx.json"
    path.write_text(document(read_lock(RUNTIME), version=version()), "utf-8")
    return path


if __name__ == "__main__":
    sys.stdout.write(f"{main(Path(sys.argv[1]))}\n")
