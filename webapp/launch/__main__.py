"""`python -m webapp.launch`: the whole product on this machine, until Ctrl-C."""

import os
import sys

from webapp import env, settings
from webapp.launch import launcher, parts


def main() -> int:
    host, port = env.text("HOST", "127.0.0.1"), env.integer("PORT", 8000, minimum=1)
    folder = settings.DATA_DIR
    os.chdir(settings.BASE_DIR)
    try:
        launcher.check_port(host, port)
        broker, redis_url = None, os.environ.get("REDIS_URL", "")
        if not redis_url:
            broker, redis_url = parts.broker(folder / "broker")
        keeper = launcher.Launcher(folder, parts.environment(redis_url), broker, parts.site(host, port))
    except launcher.CannotStart as problem:
        print(problem, file=sys.stderr)
        return 1
    keeper.run(f"http://{'127.0.0.1' if host == '0.0.0.0' else host}:{port}/")
    return 0


if __name__ == "__main__":
    sys.exit(main())
