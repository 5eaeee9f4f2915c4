"""Names of image files, which may be any bytes: as text that can be stored, and on one line.

Paths keep what a file system calls a file. Bytes that are no UTF-8 (which Python holds as lone
surrogates, and no database or JSON reader takes) are stored as \\xNN. Newlines, marks that turn
the writing direction, and other characters that are not seen are stored as they are, and escaped
where a name stands among others: in text tables, messages and pages.
"""

import unicodedata

UNSEEN = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}  # Unicode categories: control, format, separators


def storable(name: str) -> str:
    r"""A name as text that every database and JSON reader takes.

    >>> storable("caf\udce9.png")  # "caf\xe9.png" in Latin-1, as os.fsdecode reads it
    'caf\\xe9.png'
    """
    if name.isascii():
        return name.replace("\0", "\\x00")
    return "".join(_stored(character) for character in name)


def on_one_line(name: str) -> str:
    r"""A name in which every character is seen.

    >>> on_one_line("a\nb.png"), on_one_line("\u202egnp.exe")
    ('a\\nb.png', '\\u202egnp.exe')
    """
    if name.isprintable():
        return name
    return "".join(
        character.encode("unicode_escape").decode() if _is_unseen(character) else character
        for character in storable(name)
    )


def _stored(character: str) -> str:
    code = ord(character)
    if 0xDC80 <= code <= 0xDCFF:
        return f"\\x{code - 0xDC00:02x}"
    return f"\\u{code:04x}" if 0xD800 <= code <= 0xDFFF else character


def _is_unseen(character: str) -> bool:
    return unicodedata.category(character) in UNSEEN and character not in "\u200c\u200d"
