"""The doctor of texts: what looks wrong in a text, and what can be done about it. docs/doctor.md says what each does.

A treatment proposes changes, each a place of the text and what would stand there. Nothing is changed but what is
switched on, at first only controls, and the stored text stays as it is. Pure Python: only the contract, ftfy and regex.
"""
