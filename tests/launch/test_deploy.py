"""The files of deploy/ name what is there: settings, modules, queues, requirements, stages, units."""

import configparser
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
import yaml

from webapp.launch import parts
from webapp.queue.models import Kind

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))
_SYSTEM = {"PYTHONUNBUFFERED", "XDG_CACHE_HOME", "CUDA_VISIBLE_DEVICES", "UNDERSTUDY_WORK"}


def _settings() -> set[str]:
    return set(re.findall(r"`([A-Z][A-Z0-9_]+)`", (ROOT / "docs" / "settings.md").read_text()))


def _compose() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
    return loaded


def _unit(path: Path) -> configparser.ConfigParser:
    parser = configparser.ConfigParser(strict=False, interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read(path)
    return parser


def _commands() -> dict[str, list[str]]:
    """Return every command of the product in deploy/, without the interpreter, by the name of what starts it."""
    found = {path.name: _unit(path)["Service"]["ExecStart"].split()[1:] for path in UNITS}
    for name, service in _compose()["services"].items():
        if "command" in service and service["command"][0] == "python":
            found[f"compose: {name}"] = service["command"][1:]
    for number, line in enumerate(_docker("CMD")):
        found[f"Dockerfile: {number}"] = re.findall(r'"([^"]*)"', line)[1:]
    return found


def _docker(instruction: str) -> list[str]:
    joined = (DEPLOY / "Dockerfile").read_text().replace("\\\n", " ")
    return [line.partition(" ")[2] for line in joined.splitlines() if line.startswith(f"{instruction} ")]


def test_all_settings_are_ours() -> None:
    example = re.findall(r"(?m)^([A-Z0-9_]+)=", (DEPLOY / "understudy.env.example").read_text())
    composed = _compose()["x-site"]["environment"]
    assert set(example) | set(composed) <= _settings() | _SYSTEM


def test_the_addresses_that_ask_for_health_are_allowed() -> None:
    example = re.findall(r"(?m)^ALLOWED_HOSTS=(.*)", (DEPLOY / "understudy.env.example").read_text())[0]
    page, compose = (ROOT / "docs" / "deploy.md").read_text(), (DEPLOY / "compose.yaml").read_text()
    for text, allowed in ((page, example), (compose, _compose()["x-site"]["environment"]["ALLOWED_HOSTS"])):
        hosts = set(re.findall(r"http://([\w.]+):8000/health", text))
        assert hosts and hosts <= set(allowed.split(","))


def test_the_web_server_is_started_as_make_run_starts_it(tmp_path: Path) -> None:
    site = parts.site("127.0.0.1", 8000, tmp_path)
    ours = {part.name: part.command[1:] for part in site}
    for name, command in _commands().items():
        if "gunicorn" in command:
            there = [word for word in command if "8000" not in word]
            assert there == [word for word in ours["web"] if "8000" not in word], name


def test_workers_are_started_as_make_run_starts_them_and_every_queue_has_one(tmp_path: Path) -> None:
    ours = next(part.command[1:] for part in parts.site("127.0.0.1", 8000, tmp_path) if part.name == "train")
    for name, command in _commands().items():
        if "celery" in command:
            assert _without_names(command) == _without_names(ours), name
    started = _queues(part.command for part in parts.site("127.0.0.1", 8000, tmp_path))
    assert _queues(_commands().values()) == started == set(Kind.values)


def _queues(commands: Iterable[list[str]]) -> set[str]:
    """Return the queues from which these commands' workers take jobs."""
    return {
        queue for command in commands if "celery" in command for queue in command[command.index("-Q") + 1].split(",")
    }


def _without_names(command: list[str]) -> set[str]:
    """Return the words of a worker's command but its queue, its name and how much it logs."""
    kept = list(command)
    for option in ("-Q", "-n", "--loglevel"):
        if option in kept:
            place = kept.index(option)
            del kept[place : place + 2]
    return set(kept)


def test_each_unit_stops_later_than_its_part_needs(tmp_path: Path) -> None:
    grace = {part.name: part.grace for part in parts.site("127.0.0.1", 8000, tmp_path)}
    for path in UNITS:
        name = re.sub(r"^understudy-|@?\.service$", "", path.name)
        assert int(_unit(path)["Service"]["TimeoutStopSec"]) > grace[name], path.name
    assert int(_compose()["x-worker"]["stop_grace_period"].removesuffix("s")) > parts.GRACE


def test_a_unit_for_each_gpu_sees_that_one() -> None:
    text = (DEPLOY / "systemd" / "understudy-train@.service").read_text()
    assert "\nEnvironment=CUDA_VISIBLE_DEVICES=%i\n" in text


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_a_unit_is_closed_and_kept_alive(path: Path) -> None:
    service = _unit(path)["Service"]
    assert service["User"] == "understudy"
    assert service["Restart"] == "always"
    assert service["NoNewPrivileges"] == "true"
    assert service["EnvironmentFile"] == "/etc/understudy.env"
    assert _unit(path)["Unit"]["StartLimitIntervalSec"] == "0", "else systemd gives up while the hub is away"


def test_commands_on_the_page_have_the_data_folder_of_the_units() -> None:
    page = (ROOT / "docs" / "deploy.md").read_text()
    example = (DEPLOY / "understudy.env.example").read_text()
    for path in UNITS:
        assert f"-p StateDirectory={_unit(path)['Service']['StateDirectory']} " in page
        assert f"UNDERSTUDY_DATA=/var/lib/{_unit(path)['Service']['StateDirectory']}\n" in example


def test_with_compose_all_settings_can_be_used_and_workers_keep_their_names() -> None:
    services = _compose()["services"]
    ours = {name: service for name, service in services.items() if "build" in service}
    assert {tuple(service["env_file"]) for service in ours.values()} == {("../understudy.env",)}
    names = [service["hostname"] for service in ours.values() if service["build"]["target"].startswith("worker")]
    assert len(names) == len(set(names)) == 4


def test_what_images_copy_and_install_is_there_and_not_left_out() -> None:
    ignored = (DEPLOY / "Dockerfile.dockerignore").read_text().splitlines()
    kept = {line[1:] for line in ignored if line.startswith("!")}
    for line in _docker("COPY"):
        if not line.startswith("--from"):
            for source in line.split()[:-1]:
                assert list(ROOT.glob(source)), source
                assert source in kept, source
    for line in _docker("RUN"):
        for name in re.findall(r"-r (\S+)", line):
            assert (ROOT / name).exists(), name
    stages = {line.rpartition(" AS ")[2] for line in _docker("FROM")}
    services = _compose()["services"].values()
    assert {service["build"]["target"] for service in services if "build" in service} <= stages


def test_the_web_image_has_no_tensorflow() -> None:
    assert "tensorflow" not in (ROOT / "requirements-web.txt").read_text()


def test_proxies_replace_what_visitors_say_of_themselves_and_stream() -> None:
    nginx = (DEPLOY / "nginx.conf").read_text()
    assert "proxy_set_header X-Forwarded-For $remote_addr;" in nginx
    assert "proxy_set_header X-Forwarded-Proto $scheme;" in nginx
    assert "proxy_request_buffering off;" in nginx
    assert "trusted_proxies" not in (DEPLOY / "Caddyfile").read_text()  # without it, Caddy replaces these headers
