"""Every text of a template is in a translation tag."""

import pytest

from tests.house.template_texts import TEMPLATES, untranslated


@pytest.mark.parametrize(
    "path", sorted(p.relative_to(TEMPLATES).as_posix() for p in TEMPLATES.rglob("*.html"))
)
def test_every_text_of_a_template_is_in_a_translation_tag(path):
    texts = untranslated((TEMPLATES / path).read_text())
    assert texts == [], "write {% translate %}, {% blocktranslate %} or _() around them"


@pytest.mark.parametrize(
    ("source", "texts"),
    [
        ("<b>Hello</b> {{ name }}", ["Hello"]),
        ('<img alt="A dog">', ["A dog"]),
        ('<img alt="{% translate "A dog" %}">', []),
        ("{% blocktranslate %}<b>Hello</b> {{ name }}{% endblocktranslate %}", []),
        ('{% include "a.html" with label="Hello" only %}', ["Hello"]),
        ('{% include "a.html" with label=_("Hello") only %}', []),
        ('{% defined "precision" "Mean precision" %}', ["Mean precision"]),
        ('{% defined "precision" _("Mean precision") %}', []),
        ('{{ n|default:"Not yet" }}', ["Not yet"]),
        ("<code>manage.py up</code> {# a note #}{% comment %}another{% endcomment %}", []),
        ("12 × 3 px · Unitscope", []),
    ],
)
def test_a_text_outside_a_translation_tag_is_found(source, texts):
    assert untranslated(source) == texts
