"""What every test may ask for."""

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def project_root() -> Path:
    """The folder that holds dbt_project.yml."""
    return Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def data_folder(project_root: Path) -> Path:
    """The folder of published data that tests read."""
    return project_root / "tests" / "data"
