"""The limits of an extraction. They hold for all files of one upload together, where they do not say otherwise."""

MEGABYTE = 1_000_000

UNPACKED_BYTES = 200 * MEGABYTE  # of all entries that are read of archives, books and documents
ENTRY_BYTES = 100 * MEGABYTE  # of one entry
RATIO, RATIO_BYTES = 250, 10 * MEGABYTE  # an archive that is larger unpacked may be so many times its packed size
ENTRIES = 10_000  # that an archive may list
FILES = 1_000  # that are read of archives
DEPTH = 2  # archives within each other
TEXT_BYTES = 60 * MEGABYTE  # of one text in UTF-8
PAGES = 5_000  # of a PDF
COLUMNS = 200  # of a table

SECONDS = 60  # of a processor and on the clock, for one file
ALL_SECONDS = 180  # on the clock, for one upload
MEMORY_BYTES = 1_000 * MEGABYTE  # of private memory, of the process
OPEN_FILES = 64
