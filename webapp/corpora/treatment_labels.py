"""The treatments in words for people: what each finds, and what it does about it."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from django.utils.translation import gettext_lazy as _

from webapp.doctor.treatments import Name


class Label(NamedTuple):
    """What a treatment is called, and what it does."""

    title: Any  # a translatable string
    explanation: Any


LABELS: Mapping[str, Label] = {
    Name.TWICE: Label(
        _("Leave out documents that stand twice"),
        _(
            "Of two documents that are the same, or nearly (four fifths of the shorter stand in the other), one is "
            "read. The other stays in the corpus, and is read again if the first is taken out."
        ),
    ),
    Name.CONTROLS: Label(
        _("Remove control characters"),
        _(
            "Codes of terminals, chats and old files, which nobody sees. Words that they separate stay separate. This "
            "is on unless you switch it off."
        ),
    ),
    Name.MOJIBAKE: Label(
        _("Repair letters that were read in a wrong encoding"),
        _("“Ã©” is an é that another program has read wrongly and saved so."),
    ),
    Name.INVISIBLE: Label(
        _("Remove invisible characters"),
        _(
            "Soft hyphens, zero-width blanks and marks of direction. Joiners stay, and so do marks of direction in a "
            "text that is written from right to left."
        ),
    ),
    Name.GUTENBERG: Label(
        _("Cut Project Gutenberg’s header and licence"),
        _("They are the same in all of its books, and the model would learn them too."),
    ),
    Name.SHARED: Label(
        _("Cut lines that many documents share"),
        _("Lines that at least three documents and three in ten of all have: menus, notices, signatures."),
    ),
    Name.PAGES: Label(
        _("Cut page numbers and running heads"),
        _("Lines that count the pages, or stand again and again at the distance of a page."),
    ),
    Name.HYPHENS: Label(
        _("Join words that are divided at line ends"),
        _("Only words that stand whole elsewhere in the text are joined; “well-known” keeps its hyphen."),
    ),
    Name.WRAPPING: Label(
        _("Join lines of one paragraph"),
        _("Lines that were broken because they were full. Verse, dialogue and lists stay as they are."),
    ),
    Name.COMPATIBILITY: Label(
        _("Write special forms as plain characters (NFKC)"),
        _(
            "Ligatures (ﬁ), full-width letters, raised digits, no-break blanks. Without this the text is in NFC: the "
            "same letter is always the same character. Together with the switch for NFD, this is NFKD."
        ),
    ),
    Name.QUOTES: Label(
        _("Make quotation marks one kind"),
        _("The text has several kinds. All become straight: \" and '."),
    ),
    Name.DASHES: Label(
        _("Make dashes one kind"),
        _("The text has several kinds. All become —; ranges such as 1–2 stay."),
    ),
    Name.BLANKS: Label(
        _("Remove superfluous blanks and blank lines"),
        _("One blank of several, two blank lines of more, none at line ends. Indented lines stay indented."),
    ),
    Name.LOWER: Label(
        _("Write all in lower case"),
        _("No mistake is mended by it: a short text is learned sooner, and the model never writes a capital."),
    ),
    Name.DECOMPOSITION: Label(
        _("Take letters and their marks apart (NFD)"),
        _(
            "No mistake is mended by it: é becomes an e and an accent, and a Korean syllable its letters. The model "
            "writes so too. It is for programs that need this form."
        ),
    ),
    Name.CHARACTERS: Label(_("Rare characters"), _("As you decided below.")),
}
