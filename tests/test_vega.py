"""Charts are measured and painted alike on every machine, and their script is made once on each."""

import os
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import altair as alt
import pytest
import vl_convert

from helpers.vega import native

CODE = """
import hashlib
from helpers import vega
names = ["Hamburg und Umgebung", "Yamal, 1,251 km²", "Газпром"]
chart = {
    "data": {"values": [{"name": name, "size": 3} for name in names]}, "mark": "bar", "title": "A question of fonts",
    "encoding": {"x": {"field": "size", "type": "quantitative"}, "y": {"field": "name", "type": "nominal"}},
    "config": {"font": "DejaVu Sans, 'Noto Sans', Roboto, sans-serif"},
}
print(hashlib.sha256(vega.render_svg(chart).encode() + vega.render_png(chart)).hexdigest())
"""


def test_a_chart_is_painted_alike_whatever_fonts_the_system_has(tmp_path: Path) -> None:
    # The system's own fonts, which a browser brought, against a system that has none.
    empty = tmp_path / "fonts.conf"
    empty.write_text(f"<fontconfig><dir>{tmp_path}</dir></fontconfig>", encoding="utf-8")
    digests = set()
    for environment in (dict(os.environ), {**os.environ, "FONTCONFIG_FILE": str(empty)}):
        command = [sys.executable, "-c", CODE]
        done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
        assert done.returncode == 0, done.stderr
        digests.add(done.stdout)
    assert len(digests) == 1


def test_what_a_program_starts_still_finds_the_fonts_of_the_system() -> None:
    code = "import os; from helpers import vega; print(os.environ.get('FONTCONFIG_FILE'))"
    environment = {**os.environ, "FONTCONFIG_FILE": "/etc/fonts/of-the-reader.conf"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=True)
    assert done.stdout.strip() == "/etc/fonts/of-the-reader.conf"


@pytest.fixture
def new_session(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """A session in which no live chart has been shown; others must not see what it does to Altair."""
    monkeypatch.setattr(native, "_live_chart_script", native._live_chart_script.__wrapped__)
    monkeypatch.setattr(alt.JupyterChart, "_esm", "")
    monkeypatch.setattr(alt.JupyterChart, "_is_offline", False)
    return monkeypatch


def test_the_script_of_live_charts_is_made_in_the_first_session_alone(
    new_session: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    new_session.setenv("XDG_CACHE_HOME", str(tmp_path))
    native.enable_offline_charts()
    script = alt.JupyterChart._esm
    assert len(script) > 500_000
    (kept,) = tmp_path.glob("*/*")
    assert kept.name == f"live-chart-{version('altair')}-{version('vl-convert-python')}.js"
    new_session.setattr(alt.JupyterChart, "_esm", "")
    new_session.delattr(vl_convert, "javascript_bundle")
    native.enable_offline_charts()
    assert alt.JupyterChart._esm == script


def test_where_nothing_can_be_kept_live_charts_have_their_script(
    new_session: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    new_session.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    native.enable_offline_charts()
    assert len(alt.JupyterChart._esm) > 500_000
