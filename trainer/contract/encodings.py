"""The encodings that a text file may have: Unicode's, by their byte order marks, and those older than Unicode."""

from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE, BOM_UTF32_BE, BOM_UTF32_LE
from dataclasses import dataclass

#: (byte order mark, Python's name, the name for people)
MARKS = (  # UTF-32's little-endian mark begins with UTF-16's
    (BOM_UTF32_LE, "utf-32-le", "UTF-32"),
    (BOM_UTF32_BE, "utf-32-be", "UTF-32"),
    (BOM_UTF16_LE, "utf-16-le", "UTF-16"),
    (BOM_UTF16_BE, "utf-16-be", "UTF-16"),
    (BOM_UTF8, "utf-8", "UTF-8"),
)


@dataclass(frozen=True)
class OldEncoding:
    """An encoding older than Unicode."""

    label: str  # for people
    weight: float = 1.0  # its evidence is multiplied by it: more for frequent ones, less for rare ones
    detected: str = ""  # chardet's name of it, where that is not Python's


_FREQUENT, _LESS, _RARE = 1.03, 0.99, 0.93

#: Python's name → an encoding. Subsets are left out: Windows-1252 reads ISO 8859-1, Windows-1254 reads ISO 8859-9, and
#: so on. Of two equally likely encodings, the earlier in this table is taken.
OLD_ENCODINGS = {
    "cp1252": OldEncoding("Windows-1252 (Western Europe)", _FREQUENT),
    "cp1250": OldEncoding("Windows-1250 (Central Europe)", 1.01),
    "cp1251": OldEncoding("Windows-1251 (Cyrillic)", 1.01),
    "gb18030": OldEncoding("GB18030 (Chinese)"),
    "big5hkscs": OldEncoding("Big5 (Chinese)"),
    "cp932": OldEncoding("Shift-JIS (Japanese)"),
    "euc_jp": OldEncoding("EUC-JP (Japanese)", detected="euc_jis_2004"),
    "cp949": OldEncoding("EUC-KR (Korean)"),
    "cp1253": OldEncoding("Windows-1253 (Greek)"),
    "cp1254": OldEncoding("Windows-1254 (Turkish)"),
    "cp1255": OldEncoding("Windows-1255 (Hebrew)"),
    "cp1256": OldEncoding("Windows-1256 (Arabic)"),
    "cp1257": OldEncoding("Windows-1257 (Baltic)"),
    "cp1258": OldEncoding("Windows-1258 (Vietnamese)", _RARE),
    "cp874": OldEncoding("Windows-874 (Thai)"),
    "koi8_r": OldEncoding("KOI8-R (Cyrillic)", detected="koi8-r"),
    "koi8_u": OldEncoding("KOI8-U (Ukrainian)", detected="koi8-u"),
    "iso8859_2": OldEncoding("ISO 8859-2 (Central Europe)", detected="iso8859-2"),
    "iso8859_3": OldEncoding("ISO 8859-3 (Southern Europe)", _RARE, "iso8859-3"),
    "iso8859_4": OldEncoding("ISO 8859-4 (Northern Europe)", _RARE, "iso8859-4"),
    "iso8859_5": OldEncoding("ISO 8859-5 (Cyrillic)", detected="iso8859-5"),
    "iso8859_6": OldEncoding("ISO 8859-6 (Arabic)", detected="iso8859-6"),
    "iso8859_7": OldEncoding("ISO 8859-7 (Greek)", detected="iso8859-7"),
    "iso8859_8": OldEncoding("ISO 8859-8 (Hebrew)", _LESS, "iso8859-8"),
    "iso8859_10": OldEncoding("ISO 8859-10 (Nordic)", _RARE, "iso8859-10"),
    "iso8859_13": OldEncoding("ISO 8859-13 (Baltic)", _LESS, "iso8859-13"),
    "iso8859_14": OldEncoding("ISO 8859-14 (Celtic)", _RARE, "iso8859-14"),
    "iso8859_15": OldEncoding("ISO 8859-15 (Western Europe)", _LESS, "iso8859-15"),
    "iso8859_16": OldEncoding("ISO 8859-16 (Romanian)", _RARE, "iso8859-16"),
    "cp850": OldEncoding("DOS 850 (Western Europe)", _LESS),
    "cp437": OldEncoding("DOS 437 (American)", _LESS),
    "cp852": OldEncoding("DOS 852 (Central Europe)", _LESS),
    "cp866": OldEncoding("DOS 866 (Cyrillic)"),
    "cp737": OldEncoding("DOS 737 (Greek)"),
    "cp857": OldEncoding("DOS 857 (Turkish)", _LESS),
    "cp775": OldEncoding("DOS 775 (Baltic)", _RARE),
    "cp855": OldEncoding("DOS 855 (Cyrillic)", _RARE),
    "cp862": OldEncoding("DOS 862 (Hebrew)", _RARE),
    "mac_roman": OldEncoding("Mac Roman (Western Europe)", _LESS, "mac-roman"),
    "mac_cyrillic": OldEncoding("Mac Cyrillic", _LESS, "mac-cyrillic"),
    "mac_greek": OldEncoding("Mac Greek", _RARE, "mac-greek"),
    "mac_latin2": OldEncoding("Mac Central Europe", _RARE, "mac-latin2"),
    "mac_turkish": OldEncoding("Mac Turkish", _RARE, "mac-turkish"),
}

#: Python's name → the name for people. Their bytes are ASCII, so they are valid UTF-8 too.
SEVEN_BIT = {
    "iso2022_jp_2": "ISO-2022-JP (Japanese)",
    "iso2022_kr": "ISO-2022-KR (Korean)",
    "hz": "HZ (Chinese)",
}

#: chardet's name → Python's
DETECTED = {encoding.detected or codec: codec for codec, encoding in OLD_ENCODINGS.items()}
