"""The bill of materials: valid, complete, with licences, and the same for the same release."""

from __future__ import annotations

import hashlib
import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from tools.build import runtime, sbom, site

DAY = date(2030, 1, 2)
BILL = sbom.sbom("99.0.0", DAY)


@pytest.fixture(scope="module")
def components() -> dict[str, Any]:
    """By reference."""
    return {one["bom-ref"]: one for one in json.loads(BILL)["components"]}


def test_it_fits_the_schema_of_cyclonedx() -> None:
    validator = JsonStrictValidator(SchemaVersion.V1_6)
    assert validator.validate_str(BILL.decode()) is None
    assert validator.validate_str(BILL.decode().replace('"library"', '"book"')) is not None


def test_it_is_the_same_for_a_release_and_another_for_the_next() -> None:
    assert sbom.sbom("99.0.0", DAY) == BILL
    described = json.loads(BILL)
    assert described["metadata"]["timestamp"] == "2030-01-02T00:00:00+00:00"
    assert described["metadata"]["component"]["version"] == "99.0.0"
    assert json.loads(sbom.sbom("99.0.1", DAY))["serialNumber"] != described["serialNumber"]


def test_it_has_every_file_that_the_browser_runs(components: dict[str, Any], built: Path) -> None:
    contents = site.files(built)
    for package in runtime.packages():
        listed = components[f"browser/{package.name}"]
        assert listed["version"] == package.version
        assert listed["purl"] == f"{package.purl}@{package.version}"
        assert listed["licenses"] == [{"license": {"id": package.licence}}]
        assert [one["value"] for one in listed["properties"]] == sorted(map(str, package.sources))
        files = {one["name"]: one for one in listed["components"]}
        assert set(files) == {one.path for one in package.files}
        for file in package.files:
            (published,) = files[file.path]["hashes"]
            assert published == {"alg": "SHA-256", "content": file.sha256}
            shipped = files[file.path].get("properties", [{"value": file.sha256}])
            if file.path in contents:  # else a part of index.html
                assert shipped[0]["value"] == hashlib.sha256(contents[file.path]).hexdigest()


def test_it_has_what_the_python_package_needs_with_its_licence(components: dict[str, Any]) -> None:
    assert {one for one in components if one.startswith("python/")} == {"python/numpy"}
    assert components["python/numpy"]["purl"] == "pkg:pypi/numpy@2.4.3"
    (licence,) = components["python/numpy"]["licenses"]
    assert licence["expression"].startswith("BSD-3-Clause")
