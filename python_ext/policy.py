"""What the landing folder says about who allowed what, for checks before anything is built."""

import json
from pathlib import Path

from python_ext.landing import list_files, read_lines


def landed_decision_ids(landing: Path, as_of: str | None = None) -> frozenset[str]:
    """The ids of the policy decisions that landed in `landing`; lines without one are passed over.

    Whether a decision is in force is SQL's work. Raises MeterhouseError for a folder that cannot
    be used.
    """
    files = list_files(landing, as_of)
    names = [file.name for file in files if file.source_folder == "policy_decisions"]
    lines = [text for batch in read_lines(landing, names) for text in batch["raw_line"].to_pylist()]
    return frozenset(name for line in lines if isinstance(name := _id(line), str))


def _id(line: str) -> object:
    try:
        entry = json.loads(line)
    except ValueError:
        return None
    return entry.get("id") if isinstance(entry, dict) else None
