"""What a paper about a study needs: a methods section, ethics, checklists, BibTeX.

Every sentence is made from the study's settings, its report and the version of the code.
"""

from annotator.dissection_reader.regions import count_regions
from annotator.models import HitType, Snapshot, Study, Unit
from annotator.pay.money import dollars
from annotator.results.output.ethics import ChecklistItem, ethics_checklist, ethics_paragraph
from annotator.results.output.formatting import count, decimal, percent, plural
from annotator.results.output.snapshots.stored_reports import report_in
from annotator.results.output.version import code_version, release
from annotator.results.report.layer import LayerResult
from annotator.results.report.report import StudyReport

METHODS_CITED = {
    "zhou2015": "@inproceedings{zhou2015object,\n"
    "  title = {Object Detectors Emerge in Deep Scene {CNN}s},\n"
    "  author = {Zhou, Bolei and Khosla, Aditya and Lapedriza, Agata and Oliva, Aude and "
    "Torralba, Antonio},\n"
    "  booktitle = {International Conference on Learning Representations},\n"
    "  year = {2015},\n  note = {arXiv:1412.6856}\n}",
    "bau2017": "@inproceedings{bau2017network,\n"
    "  title = {Network Dissection: Quantifying Interpretability of Deep Visual "
    "Representations},\n"
    "  author = {Bau, David and Zhou, Bolei and Khosla, Aditya and Oliva, Aude and "
    "Torralba, Antonio},\n"
    "  booktitle = {IEEE Conference on Computer Vision and Pattern Recognition},\n"
    "  year = {2017},\n  note = {arXiv:1704.05796}\n}",
}


def methods_section(study: Study, snapshot: Snapshot) -> list[str]:
    """Write a paper's section about how its study was made, one paragraph an element."""
    report = report_in(snapshot)
    paragraphs = [_units(study, report), _task(study), _crowd(study, report), _numbers(report)]
    if report.notice:
        paragraphs.insert(0, f"These answers are not people's: {report.notice}.")
    return paragraphs


def checklist(study: Study, snapshot: Snapshot) -> list[ChecklistItem]:
    """Write a paper's checklist: what somebody needs to repeat the study."""
    report = report_in(snapshot)
    settings = ", ".join(f"{key} {value}" for key, value in sorted(study.dissect_settings.items()))
    weights = [
        ChecklistItem(f"Weights of {network.name} (SHA-256)", network.weights_sha256)
        for network in report.networks
    ]
    regions = count_regions(Unit.objects.filter(layer__network__study=study))
    whole = f"{count(regions.partless_count)} of {count(regions.count)}" if regions.count else ""
    plan = f"{report.plan.sha256}, {report.plan.at:%Y-%m-%d}" if report.plan else ""
    return [
        *weights,
        ChecklistItem("Image list (SHA-256)", study.image_list_sha256),
        ChecklistItem("Images", count(study.image_count) if study.image_count else ""),
        ChecklistItem("Settings of the dissection", settings),
        ChecklistItem("Top images shown whole, for want of a region", whole),
        ChecklistItem("Code that made the numbers", code_version()),
        ChecklistItem("Which answers count", report.variant or "as analyzed"),
        ChecklistItem("Version of merged concepts", str(report.merge_version)),
        ChecklistItem("State of the answers", snapshot.state),
        ChecklistItem("Preregistered plan (SHA-256, date)", plan),
        ChecklistItem("Pictures may be published", "yes" if study.may_publish_pictures else "no"),
    ]


def bibtex() -> str:
    """References for a paper in BibTeX: this software, and the two papers that it follows."""
    own = f"@software{{unitscope,\n  title = {{Unitscope}},\n  version = {{{release()}}}\n}}"
    return "\n\n".join([own, *METHODS_CITED.values()]) + "\n"


def as_markdown(study: Study, snapshot: Snapshot) -> str:
    """The text for a paper as Markdown: methods, ethics, checklists and references."""
    report = report_in(snapshot)
    parts = [
        f"# Methods of {study.name}",
        *methods_section(study, snapshot),
        "## Ethics",
        ethics_paragraph(study, report),
        _as_list(ethics_checklist(study, report)),
        "## Reproducibility",
        _as_list(checklist(study, snapshot)),
        "## References",
        f"```bibtex\n{bibtex()}```",
    ]
    return "\n\n".join(parts) + "\n"


def _as_list(items: list[ChecklistItem]) -> str:
    return "\n".join(f"- {item.label}: {item.value or 'not recorded'}" for item in items)


def _units(study: Study, report: StudyReport) -> str:
    networks = []
    for network in report.networks:
        layers = ", ".join(
            f"{layer.display_name}: {_unit_count(layer)}" for layer in network.layers
        )
        spec = f"`{network.spec}`; " if network.spec != network.display_name else ""
        networks.append(f"{network.display_name} ({spec}{layers})")
    images = (
        f"on {count(study.image_count)} images (list SHA-256 {study.image_list_sha256[:12]})"
        if study.image_count
        else "on the images of another campaign"
    )
    return (
        f"We studied the units of {plural(len(report.networks), 'network')} {images}, after Zhou "
        f"et al. (2015); in brackets the units of each layer: {'; '.join(networks)}. An image's "
        "score for a unit is the maximum of the unit's activation map."
    )


def _unit_count(layer: LayerResult) -> str:
    """The number of a layer's units, and how many of them were left out of publishing."""
    left_out = [
        f"{layer.activity_counts[word]} {word}"
        for word in ("dead", "dense")
        if layer.activity_counts[word]
    ]
    return f"{layer.unit_count}" + "".join(f", {text}" for text in left_out)


def _task(study: Study) -> str:
    if not study.workers.exclude(kind="imported").exists():
        return (
            "The answers were imported from another campaign's table: what its workers were shown "
            "and paid is not recorded here."
        )
    first = HitType.objects.filter(study=study).order_by("pk").first()
    reward = f" The reward was {dollars(first.reward_cents)} a HIT." if first else ""
    repeats = f", {study.repeat_count} mirrored repeats" if study.repeat_count else ""
    return (
        f"Each unit was one HIT. It showed the unit's {study.top_count} top images and "
        f"{study.catch_count} catch images from its lowest scores{repeats}, shuffled for every "
        "worker, without network, layer or unit. Workers named what the images share, marked "
        "those that do not fit, and chose one of six semantic groups. The catch policy was "
        f"“{study.catch_policy}”; {study.assignments_wanted} answers per unit were wanted, at most "
        f"{percent(study.worker_share)} of the study's answers from one worker.{reward}"
    )


def _crowd(study: Study, report: StudyReport) -> str:
    flow = report.flow
    kind = "simulated workers" if report.is_simulated else "workers"
    who = f" by {count(report.worker_count)} {kind}" if report.worker_count is not None else ""
    reasons = ", ".join(f"{count(n)} {reason}" for reason, n in flow.excluded.items())
    blind = "blind to concept and precision"
    if flow.opened:
        blind += f" but for {count(flow.opened)} that the reviewer had opened"
    return (
        f"Of {count(flow.accepted)} accepted assignments {count(flow.returned)} were returned, "
        f"{count(flow.expired)} expired and {count(flow.submitted)} were submitted. "
        f"{_were(flow.submitted - flow.analysed)} excluded, {blind}"
        f"{f' ({reasons})' if reasons else ''}; {_were(flow.analysed, who)} analyzed."
    )


def _were(answers: int, who: str = "") -> str:
    """As in "1 answer was", "2 answers by 2 workers were"."""
    return (
        f"{count(answers)} answer{who} was"
        if answers == 1
        else f"{count(answers)} answers{who} were"
    )


def _numbers(report: StudyReport) -> str:
    means = []
    for network in report.networks:
        for layer in network.layers:
            if layer.mean_precision is None:
                continue
            ends = layer.interval
            interval = f", 95 % interval {ends.low:.3f} to {ends.high:.3f}" if ends else ""
            means.append(
                f"{network.display_name} {layer.display_name} {decimal(layer.mean_precision)} "
                f"({plural(layer.answered_unit_count, 'unit')}{interval}; "
                f"{percent(layer.share_of_units_above)} of units above {report.threshold:g}; "
                f"alpha {decimal(layer.agreement.alpha_nominal)}, "
                f"AC1 {decimal(layer.agreement.ac1)})"
            )
    sampled = any(layer.is_sampled for network in report.networks for layer in network.layers)
    over_units = ", and over units too where a layer's units were sampled" if sampled else ""
    return (
        "The precision of an answer is the share of the top images shown that were left unmarked, "
        "of a unit the mean over its answers, of a layer the mean over its units; above means "
        f"strictly above {report.threshold:g}. Intervals are over workers{over_units}. "
        f"Mean precision: {'; '.join(means) or 'no answers yet'}."
    )
