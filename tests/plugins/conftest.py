"""Installed plugins for tests: real metadata in a folder on the path, found as any other."""

import importlib
import sys

import pytest


@pytest.fixture
def install(tmp_path, monkeypatch):
    """Return a function that installs a distribution with entry points, and modules from their source."""
    site = tmp_path / "site"
    site.mkdir()
    monkeypatch.syspath_prepend(site)

    def installed(distribution="dunning-example", version="1.2", *, points, modules=()):
        folder = site / f"{distribution.replace('-', '_')}-{version}.dist-info"
        folder.mkdir()
        metadata = f"Metadata-Version: 2.1\nName: {distribution}\nVersion: {version}\n"
        (folder / "METADATA").write_text(metadata, encoding="utf-8")
        lines = [f"{name} = {target}" for name, target in points.items()]
        (folder / "entry_points.txt").write_text("\n".join(["[dunning]", *lines, ""]), encoding="utf-8")
        for name, source in dict(modules).items():
            (site / f"{name}.py").write_text(source, encoding="utf-8")
            monkeypatch.delitem(sys.modules, name, raising=False)

        importlib.invalidate_caches()

    return installed
