"""The example of docs/api.md, run as it stands there against the whole product."""

import re
import subprocess
import sys
from pathlib import Path

from tests.support.browsing import TEXT
from tests.support.product import Product
from tests.support.waiting import GENEROUS

ROOT = Path(__file__).parents[2]
(EXAMPLE,) = re.findall(r"```python\n(.*?)```", (ROOT / "docs" / "api.md").read_text(), re.DOTALL)


def test_it_uploads_trains_waits_and_prints_what_the_model_writes(site: Product, tmp_path: Path) -> None:
    token = site.order("make_token", owner="programmer")
    text = tmp_path / "text.txt"
    text.write_text(TEXT[:5_000], encoding="utf-8")
    (tmp_path / "example.py").write_text(EXAMPLE)
    done = subprocess.run(
        [sys.executable, "example.py", str(text)],
        cwd=tmp_path,
        env={"UNDERSTUDY_SITE": site.address, "UNDERSTUDY_TOKEN": token, "PYTHONUTF8": "1"},
        capture_output=True,
        text=True,
        timeout=GENEROUS,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.rstrip("\n")) > 100


def test_the_example_is_short() -> None:
    lines = [line for line in EXAMPLE.splitlines() if line.strip() and not line.startswith("import")]
    assert len(lines) <= 20
