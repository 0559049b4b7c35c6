"""The encodings that a text file may have: Unicode's, by their byte order marks, and those older than Unicode."""

from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE, BOM_UTF32_BE, BOM_UTF32_LE

#: (byte order mark, Python's name, the name for people)
MARKS = (  # UTF-32's little-endian mark begins with UTF-16's
    (BOM_UTF32_LE, "utf-32-le", "UTF-32"),
    (BOM_UTF32_BE, "utf-32-be", "UTF-32"),
    (BOM_UTF16_LE, "utf-16-le", "UTF-16"),
    (BOM_UTF16_BE, "utf-16-be", "UTF-16"),
    (BOM_UTF8, "utf-8", "UTF-8"),
)

#: Python's name → the name for people. Real text files have these encodings. If charset-normalizer tries all encodings
#: that it knows, it confuses Mac Roman with its Icelandic variant. Of two equally likely encodings, the earlier in this
#: table wins.
OLD_ENCODINGS = {
    "cp1252": "Windows-1252 (Western Europe)",
    "cp1250": "Windows-1250 (Central Europe)",
    "cp1251": "Windows-1251 (Cyrillic)",
    "gb18030": "GB18030 (Chinese)",
    "big5": "Big5 (Chinese)",
    "cp932": "Shift-JIS (Japanese)",
    "euc_jp": "EUC-JP (Japanese)",
    "cp949": "EUC-KR (Korean)",
    "cp1253": "Windows-1253 (Greek)",
    "cp1254": "Windows-1254 (Turkish)",
    "cp1255": "Windows-1255 (Hebrew)",
    "cp1256": "Windows-1256 (Arabic)",
    "cp1257": "Windows-1257 (Baltic)",
    "cp874": "Windows-874 (Thai)",
    "koi8_r": "KOI8-R (Cyrillic)",
    "cp866": "DOS 866 (Cyrillic)",
    "iso8859_2": "ISO 8859-2 (Central Europe)",
    "mac_roman": "Mac Roman (Western Europe)",
}

#: If the evidence for two encodings is about equal, the rare one is wrong. Without this handicap, a French line with
#: quotation marks has less "chaos" as Baltic, a German line is as plausible in Mac Roman, and a Japanese one as Thai.
RARE = frozenset(["cp1257", "cp874", "cp866", "mac_roman"])
