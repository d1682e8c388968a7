"""Charts are measured and painted alike on every machine."""

import os
import subprocess
import sys
from pathlib import Path

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
