"""The compilation of C into a shared library, and the folder where libraries are kept.

A compiler on the PATH is used first, then the one that the package `ziglang` brings. A library is kept under the hash
of its source and all headers, its flags and its compiler. It is checked before its file gets its name, so a file is
whole or not there, and processes that compile the same library at the same time do not disturb each other.
"""

import hashlib
import importlib.util
import os
import platform
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

SECONDS = 60.0  # that a compiler may take; gcc takes 2, on a busy machine 10
_FLAGS = ("-std=gnu11", "-O3", "-fPIC", "-pthread", "-ffp-contract=fast", "-fno-math-errno")
_PROGRAMS = ("cc", "gcc", "clang")
_hanging: set[str] = set()  # compilers that this process does not wait for again


class NotCompiled(Exception):
    """There is no library. The message is a sentence that says why."""


@dataclass(frozen=True)
class Compiler:
    """A compiler: its name for people, its command, the file that changes when it does, and its flags for linking."""

    name: str
    command: tuple[str, ...]
    program: Path
    linking: tuple[str, ...] = ("-shared", "-pthread")

    @property
    def identity(self) -> str:
        found = self.program.resolve()
        about = found.stat()
        return f"{self.command} {found} {about.st_size} {about.st_mtime_ns}"


def compilers() -> Iterator[Compiler]:
    """Yield the compilers of this machine, in the order in which they are tried."""
    for name in _PROGRAMS:
        if found := shutil.which(name):
            yield Compiler(name, (found,), Path(found))
    package = importlib.util.find_spec("ziglang")
    if package and package.origin:
        zig = Path(package.origin).with_name("zig")
        if zig.exists():  # a target is named, since zig would otherwise use all instructions of this processor
            command = str(zig), "cc", "-target", "x86_64-linux-gnu"
            # The few functions of C's library are found in the process that loads ours. To link with that library, zig
            # first compiles parts of it, which takes 5 seconds and 49 MB.
            yield Compiler("zig", command, zig, ("-shared", "-nostdlib"))


def library(source: Path, flags: Sequence[str], check: Sequence[str]) -> Path:
    """Return the shared library that is compiled from a source, and compile it if it is not kept yet.

    Args:
        flags: flags of the compiler beside the usual ones.
        check: a command that gets the library's file as its last argument, and exits with 0 if the library works.

    Raises NotCompiled.
    """
    folder = _folder()
    wanted = [(compiler, folder / _name(source, flags, compiler)) for compiler in compilers()]
    for _, file in wanted:
        if file.exists():
            return file
    if not wanted:
        raise NotCompiled("there is no C compiler (cc, gcc or clang, or the Python package ziglang)")
    reasons = []
    for compiler, file in wanted:
        if compiler.identity in _hanging:
            reasons.append(f"{compiler.name} did not end before")
            continue
        try:
            _compile(compiler, source, flags, check, file)
            return file
        except NotCompiled as problem:
            if isinstance(problem.__cause__, subprocess.TimeoutExpired):
                _hanging.add(compiler.identity)
            reasons.append(f"{compiler.name} {problem}")
        except OSError as problem:
            reasons.append(f"{compiler.name}: {problem.strerror or problem}")
    raise NotCompiled("; ".join(reasons))


def _folder() -> Path:
    """Return the folder of this user's compiled libraries. Nobody else may write there: we run what lies in it."""
    try:
        folder = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "understudy"
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        about = folder.stat()
    except (OSError, RuntimeError) as problem:
        raise NotCompiled(f"there is no folder for compiled libraries: {problem}") from problem
    if about.st_uid != os.getuid() or about.st_mode & 0o022:
        raise NotCompiled(f"others may write into {folder}, where compiled libraries are kept")
    return folder


def _name(source: Path, flags: Sequence[str], compiler: Compiler) -> str:
    texts = (file.read_bytes() for file in (source, *sorted(source.parent.glob("*.h"))))
    about = *_FLAGS, *flags, *compiler.linking, compiler.identity, platform.machine()
    parts = *texts, *map(str.encode, about)
    return f"{source.stem}-{hashlib.sha256(bytes(1).join(parts)).hexdigest()[:32]}.so"


def _compile(compiler: Compiler, source: Path, flags: Sequence[str], check: Sequence[str], file: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="compiling-", dir=file.parent, ignore_cleanup_errors=True) as scratch:
        compiled, made = Path(scratch, f"{source.stem}.o"), Path(scratch, file.name)
        caches = {"ZIG_GLOBAL_CACHE_DIR": scratch, "ZIG_LOCAL_CACHE_DIR": scratch, "TMPDIR": scratch, "LC_ALL": "C"}
        _run([*compiler.command, *_FLAGS, *flags, "-c", str(source), "-o", str(compiled)], caches)
        _run([*compiler.command, *compiler.linking, str(compiled), "-o", str(made)], caches)
        if not made.is_file():
            raise NotCompiled("made no library")
        try:
            _run([*check, str(made)], {"PYTHONPATH": os.pathsep.join(sys.path)})
        except NotCompiled as problem:
            raise NotCompiled(f"made a library that does not work: {problem}") from problem
        with made.open("rb") as library:
            os.fsync(library.fileno())  # else a machine that loses its power may leave an empty file of this name
        made.replace(file)


def _run(command: Sequence[str], environment: dict[str, str]) -> None:
    """Run a command to its end, or end it with all that it started. Raises NotCompiled unless it succeeds."""
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(
            command,
            env={**os.environ, **environment},
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
            process_group=0,
        )
        try:
            code = process.wait(SECONDS)
        except subprocess.TimeoutExpired as problem:
            raise NotCompiled(f"did not end within {SECONDS:g} seconds") from problem
        finally:
            if process.returncode is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        if code:
            said.seek(0)
            lines = said.read(100_000).decode(errors="replace").split("\n")
            told = next((line.strip() for line in lines if "error" in line.lower()), lines[0].strip())
            raise NotCompiled(f"ended with {code}: {told[:200]}")
