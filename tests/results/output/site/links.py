"""Checks the links of a folder of pages."""

from html.parser import HTMLParser
from urllib.parse import unquote, urldefrag


class Links(HTMLParser):
    """What a page links to and loads, and the names that links can lead to on it."""

    def __init__(self, text):
        super().__init__()
        self.targets, self.ids = [], set()
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        for name, value in attributes:
            if name in ("href", "src"):
                self.targets.append(value)
            if name == "id":
                self.ids.add(value)


def broken_links(folder):
    """Links and sources of pages that lead to no file of the folder, or to no name on a page.

    The words behind search.html# are a question, and not a name.
    """
    links = {path: Links(path.read_text()) for path in folder.resolve().rglob("*.html")}
    broken = []
    for page, page_links in links.items():
        for target in page_links.targets:
            address, fragment = urldefrag(target)
            path = (page.parent / unquote(address)).resolve() if address else page
            is_inside = path.is_relative_to(folder.resolve()) and path.is_file()
            is_named = not fragment or path.name == "search.html" or fragment in links[path].ids
            if ":" in address or not is_inside or not is_named:
                broken.append(f"{page.relative_to(folder.resolve())}: {target}")
    return broken
