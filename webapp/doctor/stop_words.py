"""The scripts of languages, and frequent short words of those that share a script."""

#: (first and last code point, name), of letters; the first that fits counts
SCRIPTS = (
    (0x41, 0x24F, "latin"),
    (0x1E00, 0x1EFF, "latin"),
    (0x370, 0x3FF, "greek"),
    (0x1F00, 0x1FFF, "greek"),
    (0x400, 0x52F, "cyrillic"),
    (0x530, 0x58F, "armenian"),
    (0x590, 0x5FF, "hebrew"),
    (0x600, 0x77F, "arabic"),
    (0xFB50, 0xFEFF, "arabic"),
    (0x900, 0x97F, "devanagari"),
    (0x980, 0x9FF, "bengali"),
    (0xB80, 0xBFF, "tamil"),
    (0xE00, 0xE7F, "thai"),
    (0x10A0, 0x10FF, "georgian"),
    (0x3040, 0x30FF, "kana"),
    (0xAC00, 0xD7A3, "hangul"),
    (0x3400, 0x4DBF, "han"),
    (0x4E00, 0x9FFF, "han"),
    (0x20000, 0x3FFFF, "han"),
)

LANGUAGE_OF_SCRIPT = {
    "greek": "el",
    "armenian": "hy",
    "hebrew": "he",
    "devanagari": "hi",
    "bengali": "bn",
    "tamil": "ta",
    "thai": "th",
    "georgian": "ka",
    "kana": "ja",
    "hangul": "ko",
    "han": "zh",
}

#: ISO 639 code → its script and frequent words, in lower case
STOP_WORDS: dict[str, tuple[str, frozenset[str]]] = {
    code: (script, frozenset(words.split()))
    for code, script, words in (
        (
            "en",
            "latin",
            "the and of to in that it was is he for with as his on be at by had not but she they you which",
        ),
        ("de", "latin", "der die und das den dem ein eine einen ist nicht sich auf mit von zu er sie es ich war auch"),
        ("fr", "latin", "le la les de des du et est un une que qui dans en il elle pas ne sur au pour avec ce je"),
        ("es", "latin", "el la los las de y que en un una es por con para se del al como más su lo no había"),
        ("it", "latin", "il lo la gli le di e che in un una è per con del della si non come più da era al"),
        ("pt", "latin", "o a os as de e que em um uma é por com para se do da dos das não como mais no na"),
        ("ca", "latin", "el la els les de i que en un una és per amb del dels al com més no va seva aquest"),
        ("nl", "latin", "de het een en van in is dat op te zijn met voor niet aan er hij zij was ik ook maar"),
        ("sv", "latin", "och att det som en på är av för med han hon var inte den till ett jag de hade om"),
        ("da", "latin", "og at det som en på er af for med han hun var ikke den til et jeg de havde om blev"),
        ("no", "latin", "og å det som en på er av for med han hun var ikke den til et jeg de hadde om ble"),
        ("fi", "latin", "ja on ei se että oli hän mutta ole kun niin kuin joka minä sen hänen mitä vain nyt"),
        ("is", "latin", "og að það sem á er af fyrir með hann hún var ekki til ég þeir um en við hafði"),
        ("pl", "latin", "i w na z że się nie to do jest jak o po ale za co był tak od przez jego"),
        ("cs", "latin", "a v na že se je to s z do o jak ale za by jako byl po tak jsem který od"),
        ("sk", "latin", "a v na že sa je to s z do o ako ale za by bol po tak som ktorý od"),
        ("hu", "latin", "a az és hogy nem egy is volt ez de meg csak el már mint azt ha még ki"),
        ("ro", "latin", "și în de la cu un o că nu se pe a din care mai pentru este ce era lui"),
        ("hr", "latin", "i u na je da se za od ne su što kao s o ali sam bio po ili iz"),
        ("tr", "latin", "ve bir bu da de için ne o ile gibi çok daha ama var kadar olan sonra ben"),
        ("vi", "latin", "và của là không một có được cho trong người những các với này đã ở như thì"),
        ("id", "latin", "yang dan di ini itu dengan untuk tidak dari dalam akan pada juga saya ke adalah"),
        ("la", "latin", "et in est non ad cum ut sed quod qui ex aut si per quae atque esse hoc enim ab"),
        ("eo", "latin", "la kaj de en ne estas al mi li ke por kun sed tio pri oni kiu estis ŝi"),
        ("ru", "cyrillic", "и в не на что он с как я это но его к по из у все так она был за"),
        ("uk", "cyrillic", "і в не на що він з як я це але його до по й у все так вона був та"),
        ("bg", "cyrillic", "и в не на че той с като аз това но да се за от до по е му са"),
        ("sr", "cyrillic", "и у на је да се за од не су што као с о али сам био по или из"),
        ("ar", "arabic", "في من على إلى أن ما هذا كان عن لا التي الذي مع هو لم قد كل و"),
        ("fa", "arabic", "و در به از که این را با است آن برای بود تا یک هم بر نمی می"),
        ("ur", "arabic", "کے میں کی ہے اور سے کا کو پر نے یہ کہ تھا ہیں بھی وہ ایک نہیں"),
    )
}
