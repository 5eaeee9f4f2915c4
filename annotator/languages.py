"""The languages of the pages: English, and those with a message catalog in annotator/locale.

Numbers are written alike in all of them, with a point. SVG, addresses and the values of forms need
one, and so does everybody who compares a page with the figures and files of the same study, whose
texts are English.
"""

from pathlib import Path
from typing import Any

from django.conf.locale import LANG_INFO
from django.http import HttpRequest
from django.template import TemplateDoesNotExist
from django.template.backends.django import DjangoTemplates, Template, reraise
from django.template.context import make_context
from django.utils.safestring import SafeString
from django.utils.translation import to_language

ENGLISH = "en"


def languages_in(folder: Path) -> list[tuple[str, str]]:
    """(code, its own name) of English and of each language that a folder has messages of.

    Args:
        folder: of message catalogs, as `makemessages` writes them: CODE/LC_MESSAGES/django.po.
    """
    translated = sorted(to_language(path.parent.name) for path in folder.glob("*/LC_MESSAGES"))
    codes = [ENGLISH, *(code for code in translated if code != ENGLISH)]
    return [(code, LANG_INFO.get(code, {}).get("name_local", code)) for code in codes]


class PlainNumbers(DjangoTemplates):
    """Django's template engine, but numbers are never written as a language writes them."""

    def get_template(self, template_name: str) -> Template:
        return _Template(super().get_template(template_name).template, self)


class _Template(Template):
    """A template whose context says that numbers are not localized; includes inherit it."""

    def render(self, context: Any = None, request: HttpRequest | None = None) -> SafeString:
        context = make_context(context, request, autoescape=self.backend.engine.autoescape)
        context.use_l10n = False
        try:
            return self.template.render(context)
        except TemplateDoesNotExist as error:
            reraise(error, self.backend)
            raise
