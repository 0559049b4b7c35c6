"""The command `python -m webapp.launch`, which runs the whole product on this machine until Ctrl-C."""

import os
import subprocess
import sys
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

from webapp import env, private
from webapp.launch import checks, parts
from webapp.launch.launcher import Launcher

ROOT = Path(__file__).resolve().parent.parent.parent


def main() -> int:
    """Return the exit code: 0 after Ctrl-C, 1 when nothing could be started."""
    os.chdir(ROOT)
    private.close_to_others()
    try:
        launch()
    except (checks.CannotStart, ImproperlyConfigured) as problem:
        print(problem, file=sys.stderr)
        return 1
    except KeyboardInterrupt:  # Ctrl-C before any part was started
        return 130
    return 0


def launch() -> None:
    host, port = env.text("HOST", "127.0.0.1"), env.integer("PORT", 8000, minimum=1)
    folder = env.folder("UNDERSTUDY_DATA", ROOT / "data")
    work = env.folder("UNDERSTUDY_WORK", folder / "work")
    address = f"http://{parts.in_address(parts.reached(host))}:{port}/"
    lock = checks.hold(folder, address)
    checks.check_port(host, port)
    prepare()
    broker, redis_url = None, env.text("REDIS_URL", "")
    if not redis_url:
        broker, redis_url = parts.broker(folder / "broker")
    launcher = Launcher(folder, parts.environment(redis_url), broker, parts.site(host, port, work))
    launcher.run(parts.reached(host), port, address)
    os.close(lock)


def prepare() -> None:
    """Bring the database and the static files up to date."""
    if subprocess.run([sys.executable, "-m", "webapp.launch.preparation"], check=False).returncode:
        raise checks.CannotStart("Nothing was started, since the database or the static files could not be prepared.")


if __name__ == "__main__":
    sys.exit(main())
