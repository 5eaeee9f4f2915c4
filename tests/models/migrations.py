"""Migrations by name, whatever their number is."""

from importlib import import_module
from pathlib import Path
from types import ModuleType

FOLDER = Path(__file__).parents[2] / "annotator/migrations"


def migration(name: str) -> ModuleType:
    (path,) = FOLDER.glob(f"*_{name}.py")
    return import_module(f"annotator.migrations.{path.stem}")
