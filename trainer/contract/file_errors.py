"""Sentences for errors of files: what is wrong, and what a person can do about it."""

import errno
import os

# Each error number with its meaning and an advice. An error of the first table is cured by another name or place.
_NAMED_WRONGLY = {
    errno.ENOENT: ("there is no such file or folder", "Check its name."),
    errno.ENOTDIR: ("a part of this path is a file, where a folder is needed", "Check the path."),
    errno.EISDIR: ("this is a folder, where a file is needed", "Name the files in it."),
    errno.EEXIST: ("something else has this name already", "Choose another name."),
    errno.EACCES: ("you have no right to it", "Change its permissions, or choose another place."),
    errno.EPERM: ("you have no right to it", "Change its permissions, or choose another place."),
    errno.EROFS: ("nothing can be written to this disk", "Choose another place."),
    errno.ENAMETOOLONG: ("this name is too long", "Choose a shorter one."),
    errno.ELOOP: ("its links lead round in a circle", "Check the path."),
}
_OTHER = {
    errno.ENOSPC: ("the disk is full", "Make room on the disk."),
    errno.EDQUOT: ("your share of the disk is full", "Make room on the disk."),
    errno.EFBIG: ("a file may not become so large here", "Allow larger files (ulimit -f)."),
    errno.EMFILE: ("too many files are open", "Allow more of them (ulimit -n)."),
    errno.ENFILE: ("too many files are open on this machine", "End other programs."),
    errno.EIO: ("the disk answers with an error", "Check the disk."),
}
_KNOWN = _NAMED_WRONGLY | _OTHER


def is_bad_name(error: OSError) -> bool:
    """Whether the cause of an error is the name or the place of a file, and not the machine."""
    return error.errno in _NAMED_WRONGLY


def explain(error: OSError, name: object = None) -> tuple[str, str]:
    """Return two sentences: what is wrong with a file, and what to do about it. The second is empty if unknown."""
    subject = name or error.filename2 or error.filename or "A file could not be read or written"
    what, advice = _KNOWN.get(error.errno or 0, (error.strerror or str(error), ""))
    return f"{os.fsdecode(subject) if isinstance(subject, bytes) else subject}: {what}.", advice


def advice(error: OSError) -> str:
    """Return a sentence that says what to do about an error; an empty string if that is unknown."""
    return explain(error)[1]
