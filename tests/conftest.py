"""What every test may ask for."""

from pathlib import Path

import pytest
from hypothesis import settings

# A change passes or fails by what it changes, not by luck: the examples are the same in each run.
# `pytest --hypothesis-profile=search` draws new ones.
settings.register_profile("same", derandomize=True, deadline=None)
settings.register_profile("search", deadline=None)
settings.load_profile("same")


@pytest.fixture(scope="session")
def project_root() -> Path:
    """The folder that holds dbt_project.yml."""
    return Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def data_folder(project_root: Path) -> Path:
    """The folder of published data that tests read."""
    return project_root / "tests" / "data"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with scenarios, which take minutes each: what comes last is short, on every worker."""
    items.sort(key=lambda item: "scenarios" not in item.path.parts)
