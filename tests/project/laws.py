"""The laws of the project: each is a function from the parsed project to findings, a line each."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Any

import yaml

Node = Mapping[str, Any]

ACCESS = {
    "int": "private",
    "stg": "protected",
    "dim": "protected",
    "fct": "protected",
    "exc": "protected",
    "rpt": "public",
}
CONTRACTED = ("dim", "fct", "rpt", "exc")

MODEL_LINES = 120
PYTHON_LINES = 25
YAML_LINES = 199
FAN_IN = 7
CHAIN = 5

CHAPTER = re.compile(r"models/(\d\d)_([a-z_]+)/")
COMMENT = re.compile(r"\{#.*?#\}|/\*.*?\*/|--[^\n]*", re.DOTALL)
PYTHON_COMMENT = re.compile(r"#[^\n]*")
LITERAL = re.compile(r"'(?:[^']|'')*'")
FINAL = re.compile(r"\bfinal as \((.*)\)\s*select \* from final\s*$", re.DOTALL)
STAR = re.compile(r"\bselect\s+(?:distinct\s+)?\*|\b\w+\.\*|,\s*\*")
NOT_STACKING = re.compile(r"\b(?:join|group by|distinct)\b")
DOC = re.compile(r"\{\{ doc\('([a-z0-9_]+)'\) \}\}")
DOC_BLOCK = re.compile(r"\{%-?\s*docs\s+(\w+)\s*-?%\}")
CLOCK = re.compile(
    r"\b(?:current_date|current_time|current_timestamp|localtime|localtimestamp"
    r"|get_current_timestamp|transaction_timestamp|run_started_at|invocation_id)\b"
    r"|\b(?:now|utcnow|today|uuid|uuid4|gen_random_uuid)\s*\("
    r"|\btime\.time\b|\brandom\s*[.(]"
)
NOT_PORTABLE = re.compile(r"\b(?:qualify|asof|recursive)\b|::|->>")
MACRO_DEFINITION = re.compile(r"\{%-?\s*(?:macro|test)\s+\w+\s*\(")
MACRO_IMPLEMENTATION = re.compile(r"[a-z]+__(\w+)")  # what adapter.dispatch calls on one engine
MACRO_OF_DBT = re.compile(r"test_|materialization_|generate_\w+_name$")
INCREMENT = re.compile(
    r"\b(?:forget_pending|record_batches|first_pending_at)"
    r"\(\s*'(?P<upstream>\w+)'(?P<rest>(?:[^()]|\([^()]*\))*)\)"
)
ASKED_FOR = re.compile(r"(?:model_name=|[^=],\s*)'(\w+)'\s*$")
LANDED_FOLDERS = dict.fromkeys(("usage_events", "focus", "policy", "documents"), "stg_landing__files")
SENTENCE = re.compile(r"(?!test_)[a-z0-9]+(?:_[a-z0-9]+){2,}")


@dataclass(frozen=True)
class Project:
    """A dbt project: its manifest, and the text of its files by path below the project folder."""

    manifest: Mapping[str, Any]
    files: Mapping[str, str]

    @classmethod
    def read(cls, root: Path, manifest: Mapping[str, Any]) -> Project:
        """Read the files that the laws speak about."""
        paths = [root / "dbt_project.yml"]
        for folder in ("models", "macros", "seeds", "tests", "analyses"):
            paths += (root / folder).rglob("*.sql")
            paths += (root / folder).rglob("*.yml")
        paths += (root / "models").rglob("*.py")
        paths += (root / "models").rglob("*.md")
        files = {path.relative_to(root).as_posix(): path.read_text() for path in sorted(paths)}
        return cls(manifest, files)

    def own(self, section: str, kind: str) -> list[Node]:
        """The project's own entries of one kind, without those of the packages it uses."""
        name = self.manifest["metadata"]["project_name"]
        return [
            node
            for node in self.manifest[section].values()
            if node["package_name"] == name and node["resource_type"] == kind
        ]

    @property
    def models(self) -> list[Node]:
        return self.own("nodes", "model")

    @property
    def sql_models(self) -> list[Node]:
        return [model for model in self.models if model["language"] == "sql"]

    @property
    def contracted(self) -> list[Node]:
        return [model for model in self.models if prefix(model) in CONTRACTED]

    @property
    def macros(self) -> list[Node]:
        """The macros written to be called: neither tests nor overrides of dbt's own."""
        macros = self.own("macros", "macro")
        return [macro for macro in macros if not MACRO_OF_DBT.match(macro["name"])]

    def code(self, model: Node) -> str:
        """The text of a model without its comments."""
        comment = COMMENT if model["language"] == "sql" else PYTHON_COMMENT
        return comment.sub("", self.files[model["original_file_path"]])

    def yaml_paths(self, *folders: str) -> list[str]:
        return [p for p in self.files if p.endswith(".yml") and p.startswith(folders)]

    def described(self, path: str) -> dict[str, Node]:
        """The models that a YAML file describes, before dbt renders their text."""
        models = parsed(self.files.get(path, "")).get("models", [])
        return {model["name"]: model for model in models}


@cache
def parsed(text: str) -> Mapping[str, Any]:
    """A YAML text as it stands, with its Jinja unrendered."""
    return yaml.safe_load(text) or {}


def prefix(model: Node) -> str:
    return str(model["name"]).split("_", maxsplit=1)[0]


def chapter(model: Node) -> tuple[int, str]:
    """Number and word of a model's chapter; (0, "") when it stands in none."""
    match = CHAPTER.match(model["original_file_path"])
    return (int(match[1]), match[2]) if match else (0, "")


def directory(path: str) -> str:
    return str(PurePosixPath(path).parent)


def folder(node: Node) -> str:
    return directory(node["original_file_path"])


def patch_path(model: Node) -> str:
    """The YAML file that describes a model, or an empty string."""
    return str(model["patch_path"] or "").split("://")[-1]


def parents(model: Node, *kinds: str) -> list[str]:
    """The distinct ids that a model reads, of the kinds that are asked for."""
    ids = dict.fromkeys(model["depends_on"]["nodes"])
    return [parent for parent in ids if parent.startswith(tuple(f"{kind}." for kind in kinds))]


def ancestors(project: Project, unique_id: str) -> set[str]:
    """The ids of all that a model is made of, however far up."""
    found: set[str] = set()
    waiting = [unique_id]
    while waiting:
        node = project.manifest["nodes"].get(waiting.pop())
        waiting += [one for one in parents(node, "model") if one not in found] if node else []
        found.update(waiting)
    return found


def last_word(unique_id: str) -> str:
    return unique_id.rsplit(".", maxsplit=1)[-1]


def chapters_read_only_lower_chapters(project: Project) -> list[str]:
    """A model stands in a chapter and reads only models of that or a lower-numbered one."""
    by_id = {model["unique_id"]: model for model in project.models}
    homeless = [
        f"{model['name']}: stands in no chapter; move it into a folder models/NN_word/"
        for model in project.models
        if not chapter(model)[0]
    ]
    return homeless + [
        f"{model['name']}: reads {by_id[parent]['name']} of the later chapter "
        f"{chapter(by_id[parent])[0]:02}; move one of them, or read something earlier"
        for model in project.models
        for parent in parents(model, "model")
        if parent in by_id and chapter(by_id[parent])[0] > chapter(model)[0]
    ]


def only_staging_reads_sources_and_seeds(project: Project) -> list[str]:
    """Sources and seeds enter through 01_staging and nowhere else."""
    return [
        f"{model['name']}: reads {last_word(parent)} raw; read its stg_ model"
        for model in project.models
        if chapter(model) != (1, "staging")
        for parent in parents(model, "source", "seed")
    ]


def groups_follow_chapters(project: Project) -> list[str]:
    """Every model is in the group that is named after its chapter, and that group exists."""
    groups = {group["name"] for group in project.own("groups", "group")}
    misplaced = [
        f"{model['name']}: is in the group {model['group']}; its folder's group is "
        f"{chapter(model)[1]}, set it in dbt_project.yml"
        for model in project.models
        if model["group"] != chapter(model)[1]
    ]
    missing = [
        f"{word}: the chapter has no group; add it to models/groups.yml"
        for word in dict.fromkeys(chapter(model)[1] for model in project.models)
        if word not in groups
    ]
    return misplaced + missing


def access_follows_prefix(project: Project) -> list[str]:
    """int_ models are private to their chapter, rpt_ models are public, all others protected."""
    return [
        f"{model['name']}: access is {model['access']}; set `access: {ACCESS[prefix(model)]}`"
        for model in project.models
        if model["access"] != ACCESS.get(prefix(model), model["access"])
    ]


def contracts_are_enforced(project: Project) -> list[str]:
    """What other chapters and people read has an enforced contract."""
    return [
        f"{model['name']}: has no enforced contract; set `contract: {{enforced: true}}`"
        for model in project.contracted
        if not model["config"]["contract"]["enforced"]
    ]


def models_and_yaml_are_pairs(project: Project) -> list[str]:
    """Outside staging, name.yml stands beside name.sql or name.py and describes it alone."""
    findings = []
    pairs = set()
    for model in project.models:
        if chapter(model)[1] == "staging":
            continue
        path = str(PurePosixPath(model["original_file_path"]).with_suffix(".yml"))
        pairs.add(path)
        if patch_path(model) != path:
            findings.append(f"{model['name']}: is not described beside itself; write {path}")
        elif len(project.described(path)) != 1:
            findings.append(f"{path}: describes other models too; give each its own file")
    for path in project.yaml_paths("models/"):
        match = CHAPTER.match(path)
        if match and match[2] != "staging" and path not in pairs:
            findings.append(f"{path}: stands beside no model of its name; rename or remove it")
    return findings


def staging_folders_have_one_yaml(project: Project) -> list[str]:
    """A source folder of staging has one YAML file, and it describes every model beside it."""
    staged = [model for model in project.models if chapter(model)[1] == "staging"]
    undescribed = [
        f"{model['name']}: is not described in {folder(model)}; describe it in the YAML there"
        for model in staged
        if directory(patch_path(model)) != folder(model)
    ]
    scattered = []
    for place in dict.fromkeys(folder(model) for model in staged):
        paths = [path for path in project.yaml_paths(place) if directory(path) == place]
        if len(paths) > 1:
            scattered.append(f"{place}: has {len(paths)} YAML files; keep one per source")
    return undescribed + scattered


def descriptions_name_the_row(project: Project) -> list[str]:
    """A model's description begins by saying what one row is."""
    return [
        f"{model['name']}: its description does not say what a row is; begin it with 'One row per '"
        for model in project.models
        if not model["description"].startswith("One row per ")
    ]


def grain_is_tested_once(project: Project) -> list[str]:
    """One `grain` test on each contracted model, and never two on any."""
    grains = [
        test["attached_node"]
        for test in project.own("nodes", "test")
        if (test.get("test_metadata") or {}).get("name") == "grain"
    ]
    contracted = {model["unique_id"] for model in project.contracted}
    return [
        f"{model['name']}: has {count} grain tests; a model has one"
        for model in project.models
        if (count := grains.count(model["unique_id"])) > 1
        or (count == 0 and model["unique_id"] in contracted)
    ]


def names_tell_the_place(project: Project) -> list[str]:
    """A model's prefix fits what it is and where it stands."""
    findings = []
    for model in project.models:
        word, source = chapter(model)[1], PurePosixPath(folder(model)).name
        forms = [rf"int_{word}__[a-z0-9]+(_[a-z0-9]+)+"]
        if word == "staging":
            forms.append(rf"stg_{source}__[a-z0-9_]+")
        else:
            forms.append(r"(dim|fct|rpt|exc)_[a-z0-9]+(_[a-z0-9]+)*")
        if not any(re.fullmatch(form, model["name"]) for form in forms):
            fitting = " or ".join(forms)
            findings.append(f"{model['name']}: does not fit {folder(model)}; call it {fitting}")
    return findings


def columns_are_doc_blocks(project: Project) -> list[str]:
    """Each column of a contracted model is described by exactly one doc block."""
    findings = []
    for model in project.contracted:
        columns = project.described(patch_path(model)).get(model["name"], {}).get("columns", [])
        if not columns:
            findings.append(f"{model['name']}: describes no column; list them with doc blocks")
        findings += [
            f"{model['name']}.{column['name']}: is not described by a doc block; "
            f"write \"{{{{ doc('{column['name']}') }}}}\" and the block in models/columns.md"
            for column in columns
            if not DOC.fullmatch(column.get("description", ""))
        ]
    return findings


def doc_blocks_are_written_and_used(project: Project) -> list[str]:
    """Each doc block that a YAML names is written, and none in models/columns.md is dead."""
    used = {
        block: path
        for path in project.yaml_paths("models/", "seeds/")
        for block in DOC.findall(project.files[path])
    }
    written = [
        block
        for path, text in project.files.items()
        if path.endswith(".md")
        for block in DOC_BLOCK.findall(text)
    ]
    columns = DOC_BLOCK.findall(project.files.get("models/columns.md", ""))
    return [
        f"{block}: no such doc block, {path} uses it; write it in models/columns.md"
        for block, path in used.items()
        if block not in written
    ] + [
        f"{block}: no column uses this block of models/columns.md; remove it"
        for block in columns
        if block not in used
    ]


def python_models_are_small_and_internal(project: Project) -> list[str]:
    """A Python model is int_ and only fetches, calls one function and returns."""
    findings = []
    for model in project.models:
        if model["language"] != "python":
            continue
        if prefix(model) != "int":
            findings.append(f"{model['name']}: is Python; call it int_ and re-declare it in SQL")
        lines = project.files[model["original_file_path"]].splitlines()
        count = len([line for line in lines if line.strip()])
        if count > PYTHON_LINES:
            findings.append(
                f"{model['name']}: has {count} lines, a Python model at most {PYTHON_LINES}; "
                "move the work into python_ext"
            )
    return findings


def model_files_are_short(project: Project) -> list[str]:
    """A model file fits the reader's head."""
    return [
        f"{model['name']}: has {count} lines, at most {MODEL_LINES} are allowed; split it at a step"
        for model in project.models
        if (count := len(project.files[model["original_file_path"]].splitlines())) > MODEL_LINES
    ]


def yaml_files_are_short(project: Project) -> list[str]:
    """A YAML file of models or seeds is under 200 lines."""
    return [
        f"{path}: has {count} lines, at most {YAML_LINES} are allowed; move words into doc blocks, "
        "or split the folder"
        for path in project.yaml_paths("models/", "seeds/")
        if (count := len(project.files[path].splitlines())) > YAML_LINES
    ]


def fan_in_is_small(project: Project) -> list[str]:
    """A model reads few others, unless it is marked `meta: {stacks: true}` and only stacks."""
    findings = []
    for model in project.models:
        stacks = model["config"].get("meta", {}).get("stacks") is True
        count = len(parents(model, "model", "seed", "source", "snapshot"))
        if stacks and NOT_STACKING.search(project.code(model)):
            findings.append(f"{model['name']}: is marked as stacking but does more; unmark it")
        elif count > FAN_IN and not stacks:
            findings.append(
                f"{model['name']}: reads {count} parents, at most {FAN_IN} are allowed; "
                "join some of them in a step of its own"
            )
    return findings


def intermediate_chains_are_short(project: Project) -> list[str]:
    """Few int_ models follow each other inside a chapter before a result is named."""
    steps = {model["unique_id"]: model for model in project.models if prefix(model) == "int"}

    @cache
    def length(unique_id: str) -> int:
        step = steps[unique_id]
        before = [parent for parent in parents(step, "model") if parent in steps]
        return 1 + max((length(p) for p in before if chapter(steps[p]) == chapter(step)), default=0)

    return [
        f"{model['name']}: is step {length(unique_id)} of a chain, at most {CHAIN} are allowed; "
        "name a result halfway, or merge two steps"
        for unique_id, model in steps.items()
        if length(unique_id) > CHAIN
    ]


def sql_ends_in_an_explicit_final(project: Project) -> list[str]:
    """The last CTE is `final`, names every column, and `select * from final` ends the file."""
    findings = []
    for model in project.sql_models:
        final = FINAL.search(project.code(model))
        if not final:
            findings.append(
                f"{model['name']}: does not end in a CTE `final as (...)` and `select * from final`"
            )
        elif STAR.search(LITERAL.sub("''", final[1])):
            findings.append(f"{model['name']}: selects * in final; name every column")
    return findings


def nothing_reads_the_clock(project: Project) -> list[str]:
    """Same inputs, same rows: no model or macro asks for the time or for chance."""
    texts = {model["name"]: project.code(model) for model in project.models}
    for macro in project.own("macros", "macro"):
        texts[macro["name"]] = COMMENT.sub("", macro["macro_sql"])
    return [
        f"{name}: uses {', '.join(found)}; read dim_as_of, or build an id from its content"
        for name, text in texts.items()
        if (found := hits(CLOCK, text))
    ]


def sql_is_portable(project: Project) -> list[str]:
    """Models and undispatched macros keep to SQL that other engines know too."""
    texts = {model["name"]: project.code(model) for model in project.sql_models}
    for macro in project.macros:
        if not MACRO_IMPLEMENTATION.fullmatch(macro["name"]):
            texts[macro["name"]] = COMMENT.sub("", macro["macro_sql"])
    return [
        f"{name}: uses {', '.join(found)}, which other engines lack; rewrite or dispatch it"
        for name, text in texts.items()
        if (found := hits(NOT_PORTABLE, text))
    ]


def hits(pattern: re.Pattern[str], text: str) -> list[str]:
    return list(dict.fromkeys(match[0] for match in pattern.finditer(text.lower())))


def macros_earn_their_place(project: Project) -> list[str]:
    """A macro is used twice; one that dispatches, or that an engine implements, is called once."""
    text = MACRO_DEFINITION.sub("", "\n".join(callers(project.files)))
    findings = []
    for macro in project.macros:
        name = macro["name"]
        uses = len(re.findall(rf"(?<!\w){name}\s*\(", text))
        implements = MACRO_IMPLEMENTATION.fullmatch(name)
        if implements:
            if not re.search(rf"dispatch\(\s*['\"]{implements[1]}['\"]", text):
                findings.append(f"{name}: no macro dispatches to it; remove it")
        elif uses < (1 if "adapter.dispatch" in macro["macro_sql"] else 2):
            findings.append(f"{name}: is used {uses} times; write it out in place, or remove it")
    return findings


def callers(files: Mapping[str, str]) -> Iterable[str]:
    """The texts that may call a macro; prose and the examples in macro YAML do not count."""
    for path, text in files.items():
        if not path.endswith(".md") and not (path.startswith("macros/") and path.endswith(".yml")):
            yield COMMENT.sub("", text)


def macros_are_described(project: Project) -> list[str]:
    """A macro has a description, and a type for each of its arguments, in their order."""
    findings = []
    for macro in project.macros:
        name = macro["name"]
        if MACRO_IMPLEMENTATION.fullmatch(name):
            continue
        if not macro["description"]:
            findings.append(f"{name}: is not described; describe it in macros/_macros.yml")
        signature = re.search(rf"macro\s+{name}\s*\((.*?)\)\s*-?%}}", macro["macro_sql"], re.DOTALL)
        taken = re.findall(r"(?:^|,)\s*([a-z_]\w*)\s*(?==|,|$)", signature[1] if signature else "")
        typed = [argument["name"] for argument in macro["arguments"] if argument["type"]]
        if taken != typed:
            findings.append(
                f"{name}: takes {taken} but has types for {typed}; list each in macros/_macros.yml"
            )
    return findings


def increments_follow_what_they_read(project: Project) -> list[str]:
    """What a model takes its batches from is one thing, which it reads and which records them."""
    texts = {}
    for model in project.models:
        yaml_text = project.described(patch_path(model)).get(model["name"], {}).get("config", {})
        texts[model["unique_id"]] = f"{project.code(model)}\n{yaml_text}"
    recording = {
        last_word(unique_id)
        for unique_id, text in texts.items()
        if "record_batches(" in text and "forget_pending(" in text
    }
    findings: list[str] = []
    taken: dict[str, set[str]] = defaultdict(set)
    for unique_id, text in texts.items():
        for call in INCREMENT.finditer(text):
            asked_for = ASKED_FOR.search(call["rest"])
            taken[asked_for[1] if asked_for else last_word(unique_id)].add(call["upstream"])
    for name, named in sorted(taken.items()):
        same = [unique_id for unique_id in texts if last_word(unique_id) == name]
        read = {last_word(found) for one in same for found in ancestors(project, one)}
        if len(named) > 1:
            findings.append(f"{name}: takes batches from {sorted(named)}; take them from one")
        for upstream in sorted(named):
            needed = {LANDED_FOLDERS.get(upstream, upstream)}
            if upstream == "metered":
                needed = {"int_metering__hours_added", "stg_landing__files"}
            if not needed <= read:
                findings.append(f"{name}: takes batches from {upstream}, which it does not read")
            elif not needed - set(LANDED_FOLDERS.values()) <= recording:
                findings.append(f"{name}: takes batches from {upstream}, which records none")
    return findings


def seeds_feed_one_staging_model(project: Project) -> list[str]:
    """A seed is described, stands in a folder that staging has too, and one stg_ model reads it."""
    sources = {PurePosixPath(path).parts[2] for path in project.files if "/01_staging/" in path}
    findings = []
    for seed in project.own("nodes", "seed"):
        readers = [m["name"] for m in project.models if seed["unique_id"] in parents(m, "seed")]
        if not seed["description"]:
            findings.append(f"{seed['name']}: is not described; describe it in its folder's YAML")
        if PurePosixPath(folder(seed)).name not in sources:
            findings.append(f"{seed['name']}: {folder(seed)} has no folder in 01_staging; add it")
        if len(readers) != 1 or not readers[0].startswith("stg_"):
            findings.append(f"{seed['name']}: is read by {readers}; let one stg_ model read it")
    return findings


def unit_tests_are_sentences(project: Project) -> list[str]:
    """A unit test's name is a claim of three words or more."""
    return [
        f"{test['name']}: is not a sentence; name it like overage_starts_after_the_allowance"
        for test in project.own("unit_tests", "unit_test")
        if not SENTENCE.fullmatch(test["name"])
    ]


LAWS: tuple[Callable[[Project], list[str]], ...] = (
    chapters_read_only_lower_chapters,
    only_staging_reads_sources_and_seeds,
    groups_follow_chapters,
    access_follows_prefix,
    contracts_are_enforced,
    models_and_yaml_are_pairs,
    staging_folders_have_one_yaml,
    descriptions_name_the_row,
    grain_is_tested_once,
    names_tell_the_place,
    columns_are_doc_blocks,
    doc_blocks_are_written_and_used,
    python_models_are_small_and_internal,
    model_files_are_short,
    yaml_files_are_short,
    fan_in_is_small,
    intermediate_chains_are_short,
    sql_ends_in_an_explicit_final,
    nothing_reads_the_clock,
    sql_is_portable,
    macros_earn_their_place,
    macros_are_described,
    increments_follow_what_they_read,
    seeds_feed_one_staging_model,
    unit_tests_are_sentences,
)
