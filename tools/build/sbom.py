"""The bill of materials: what the browser runs, and what the Python package needs.

CycloneDX 1.6 as JSON (https://cyclonedx.org/docs/1.6/json/), the same bytes for the same
release. What a component holds of others is for its own bill to list.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from importlib.metadata import PackageMetadata, metadata, requires
from uuid import NAMESPACE_URL, uuid5

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import (
    ExternalReference,
    ExternalReferenceType,
    HashAlgorithm,
    HashType,
    Property,
    XsUri,
)
from cyclonedx.model.bom import Bom, BomMetaData
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL
from packaging.requirements import Requirement

from tools.build import environment, runtime, trim

_LICENCES = LicenseFactory()


def sbom(version: str, day: date) -> bytes:
    """The bill of a version that was released on a day."""
    ours = Component(
        name="liqmap",
        version=version,
        type=ComponentType.APPLICATION,
        bom_ref="liqmap",
        licenses=[_LICENCES.make_from_string("MIT")],
    )
    needed = {name: metadata(name) for name in _needed(environment.requirements([]))}
    theirs = [*map(_of_browser, runtime.packages()), *map(_of_python, needed.values())]
    bom = Bom(
        serial_number=uuid5(NAMESPACE_URL, f"pkg:generic/liqmap@{version}"),
        metadata=BomMetaData(component=ours, timestamp=datetime.combine(day, time(), UTC)),
        components=theirs,
    )
    bom.register_dependency(ours, theirs)
    return f"{JsonV1Dot6(bom).output_as_string(indent=1)}\n".encode()


def _of_browser(package: runtime.Package) -> Component:
    """A package of runtime.toml, with where it comes from and each of its files."""
    return Component(
        name=package.name,
        version=package.version,
        bom_ref=f"browser/{package.name}",
        purl=PackageURL.from_string(package.versioned_purl),
        licenses=[_LICENCES.make_from_string(package.licence)],
        external_references=[
            ExternalReference(type=ExternalReferenceType.VCS, url=XsUri(package.home))
        ],
        properties=[Property(name="liqmap:source", value=str(one)) for one in package.sources],
        components=[_file(package, file) for file in package.files],
    )


def _file(package: runtime.Package, file: runtime.File) -> Component:
    """A file with the sha256 that was published, and of a trimmed one what is shipped, too."""
    shipped = hashlib.sha256(trim.shipped(package, file)).hexdigest()
    return Component(
        name=file.path,
        type=ComponentType.FILE,
        bom_ref=file.path,
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=file.sha256)],
        properties=[Property(name="liqmap:shipped-sha256", value=shipped)]
        if shipped != file.sha256
        else [],
    )


def _of_python(package: PackageMetadata) -> Component:
    """An installed package, with the licence that its own metadata say."""
    (licence, *_) = package.get_all("License-Expression") or package.get_all("License") or ["?"]
    return Component(
        name=package["Name"],
        version=package["Version"],
        bom_ref=f"python/{package['Name']}",
        purl=PackageURL("pypi", name=package["Name"], version=package["Version"]),
        licenses=[_LICENCES.make_from_string(licence)],
    )


def _needed(lines: list[str]) -> Iterator[str]:
    """The names of these requirements, and of what those require."""
    for line in lines:
        requirement = Requirement(line)
        if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
            yield requirement.name
            yield from _needed(requires(requirement.name) or [])
