"""Pack the package `helpers` for a browser, with the tables and the scripts that replace vl-convert."""

import shutil
import tempfile
from pathlib import Path

import altair as alt

from axis.lite.pinned_packages import find_uv, run_command


def build_helpers_wheel(root: Path, libraries: dict[str, Path], target: Path) -> Path:
    """Build the wheel.

    Parameters
    ----------
    root
        The folder of the book, with ``pyproject.toml``, ``src`` and ``data``.
    libraries
        Scripts from npm, by the names under which `helpers.vega.pyodide_engine` reads them.
    target
        The folder to write to; it is made if it is missing.

    Raises
    ------
    LiteError
        If uv cannot build it.
    """
    with tempfile.TemporaryDirectory() as temporary:
        copy = Path(temporary)
        for name in ("pyproject.toml", "README.md", "LICENSE"):
            shutil.copy(root / name, copy)
        shutil.copytree(root / "data", copy / "data")
        shutil.copytree(root / "src/helpers", copy / "src/helpers", ignore=shutil.ignore_patterns("__pycache__"))
        scripts = copy / "src/helpers/vega"
        for name, script in libraries.items():
            shutil.copy(script, scripts / f"{name}.js")
        (scripts / "chart.js").write_text(_altair_chart_script(), encoding="utf-8")
        run_command([find_uv(), "build", "--quiet", "--wheel", "--out-dir", str(target)], copy)
    return next(target.glob("axis_of_collusion_book-*.whl"))


def _altair_chart_script() -> str:
    """Return the script of Altair's live charts with everything that it imports, as vl-convert bundles it."""
    alt.JupyterChart.enable_offline()
    return str(alt.JupyterChart._esm)  # noqa: SLF001  see tests/test_private_apis.py
