"""The readers: a module for each format, which turns a file's bytes into an `Extracted`, or raises TextProblem."""
