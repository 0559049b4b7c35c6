"""The extraction of texts from files: Word documents, e-books, PDFs, web pages, subtitles, chats, tables, archives.

`running.extract` is what the site calls. It starts `python -m webapp.extraction`, a process with few rights, for every
file that is not plain text. docs/formats.md says what each reader keeps and leaves out, and which limits there are.

The package is pure Python beside its libraries: it has no models and imports nothing of Django.
"""
