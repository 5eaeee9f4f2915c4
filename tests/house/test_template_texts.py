"""Every text of a template is in a translation tag."""

import pytest

from tests.house.template_texts import TEMPLATES, untranslated

# Templates whose texts are not extracted yet. Only ever shorter.
PENDING = """
    lab/_activations.html lab/_alike.html lab/_analyses.html lab/_analysis.html lab/_compare.html
    lab/_concepts.html lab/_filters.html lab/_layers.html lab/_minimal_image.html
    lab/_occlusion.html lab/_of_unit.html lab/_picker.html lab/_receptive_field.html
    lab/_result.html lab/_scenes.html lab/_theory.html lab/_trail.html lab/analysis.html
    lab/classes.html lab/lab.html lab/new_analysis.html results/_agreement_table.html
    results/_checklist.html results/_comparisons.html results/_concept.html
    results/_curves_table.html results/_dawid_skene_table.html results/_definitions.html
    results/_detectors_table.html results/_difference.html results/_exemplar.html
    results/_figure.html results/_findings.html results/_flow.html results/_gallery.html
    results/_gallery_unit.html results/_groups_table.html results/_headline_cell.html
    results/_layer_card.html results/_made.html results/_network.html results/_notice.html
    results/_pages.html results/_plan.html results/_precision_table.html results/_report.html
    results/_rule.html results/_scores.html results/_stale.html results/_tile.html
    results/_unit_answers.html results/_unit_card.html results/_unit_claims.html
    results/_unit_numbers.html results/_units_table.html results/_variants.html
    results/_verified.html results/_who_answered.html results/being_made.html
    results/concepts.html results/data.html results/definitions.html results/layer.html
    results/named.html results/paper.html results/report.html results/results.html
    results/standalone.html results/unit.html review/_answer_text.html review/_as_of.html
    review/_decide.html review/_history.html review/_nav.html review/_share.html
    review/_simulated.html review/answer.html review/answers.html review/studies.html
    review/worker.html review/workers.html site/_card.html site/_tiles.html site/base.html
    site/data.html site/definitions.html site/index.html site/layer.html site/report.html
    site/search.html site/unit.html
"""


@pytest.mark.parametrize(
    "path", sorted(p.relative_to(TEMPLATES).as_posix() for p in TEMPLATES.rglob("*.html"))
)
def test_every_text_of_a_template_is_in_a_translation_tag(path):
    texts = untranslated((TEMPLATES / path).read_text())
    if path in PENDING.split():
        assert texts, f"{path} has no untranslated text any more: take it off PENDING"
    else:
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
