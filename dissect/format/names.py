"""Names of image files, which may be any bytes: as text that can be stored, and on one line.

Paths keep the name that the file system has. Bytes that are not UTF-8 are stored as \\xNN: Python
represents them by lone surrogates, which databases and JSON readers refuse. Invisible characters,
such as newlines and marks that turn the writing direction, are stored as they are. They are escaped
where a name is shown: in text tables, messages and pages.
"""

import unicodedata

UNSEEN = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}  # Unicode categories: control, format, separators


def storable(name: str) -> str:
    r"""The name of an image file as text that every database and JSON reader accepts.

    >>> storable("caf\udce9.png")  # "caf\xe9.png" in Latin-1, as os.fsdecode reads it
    'caf\\xe9.png'
    """
    if name.isascii():
        return name.replace("\0", "\\x00")
    return "".join(_stored(character) for character in name)


def on_one_line(name: str) -> str:
    r"""The name of an image file on one line, with invisible characters escaped.

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
