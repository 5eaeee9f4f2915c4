"""Draws the pictures of docs/recap.md: the demo network's own filters, maps and scenes.

    python -m docs.draw_recap

It writes docs/pictures/recap-*.png and prints the numbers that the page quotes. Everything is made
by commands of `python -m dissect`, on scenes that are rendered first.
"""

import json
import tempfile
from pathlib import Path
from typing import Any

import torch
from PIL import Image

from dissect.commands.runner import run_command
from dissect.demo.baselines import rendered
from dissect.demo.folder import write_folder
from dissect.demo.networks import SmallCNN, untrained
from dissect.demo.train import TRAIN_WORLD, train_network

FOLDER = Path(__file__).resolve().parent / "pictures"
PICTURES, SEED = 240, 7
NETWORK, OTHER = "dissect.demo.networks:scene_0", "dissect.demo.networks:object_0"
TRAINED_ON, EPOCHS, KEPT_EPOCHS = 4000, 10, (1, 3, 10)  # scenes; of the training that is shown
SCENE = "kitchen/00164.jpg"  # the network classifies it correctly
MAX_WIDTH, SIDE = 900, 224  # px of a picture, of a tile


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        scenes = Path(name) / "scenes"
        write_folder(scenes, PICTURES, SEED)
        for draw in (
            filters,
            checkpoints,
            maps,
            top_images,
            occlusion,
            minimal,
            pairs,
            fields,
            two_fields,
            two_networks,
            scene,
        ):
            draw(scenes, Path(name) / draw.__name__)


def command(kind: str, scenes: Path, out: Path, *arguments: str) -> dict[str, Any]:
    """Run a command of `python -m dissect` on the demo network; returns its JSON."""
    images = (
        [] if kind == "filters" or "--images" in arguments else ["--images", str(scenes / "images")]
    )
    return run_command(kind, ["--network", NETWORK, *images, "--out", str(out), *arguments])


def filters(scenes: Path, out: Path) -> None:
    result = command("filters", scenes, out, "--layers", "conv1")["layers"]["conv1"]
    keep(Image.open(out / "conv1.png"), "filters")
    print("filters:", result["noise"]["counts"], "random", result["noise"]["random"])


def checkpoints(scenes: Path, out: Path) -> None:
    """The filters of one training before it, after some of its epochs, and their noise."""
    out.mkdir()
    files = [out / "untrained.pt"]
    torch.save(untrained("scene", 0).state_dict(), files[0])

    def save(epoch: int, network: SmallCNN) -> None:
        if epoch in KEPT_EPOCHS:
            files.append(out / f"epoch-{epoch}.pt")
            torch.save(network.state_dict(), files[-1])

    train_network("scene", 0, rendered("scene", TRAINED_ON, TRAIN_WORLD), EPOCHS, save)
    sheets = []
    for file in files:
        command("filters", scenes, out / file.stem, "--layers", "conv1", "--weights", str(file))
        sheets.append(Image.open(out / file.stem / "conv1.png"))
    keep(two_by_two(*sheets), "checkpoints")
    names = list(map(str, files))
    result = command("filters", scenes, out, "--layers", "conv1", "--weights", *names)
    for one in result["checkpoints"]:
        measures = one["layers"]["conv1"]
        cells = [f"{measures[name]['median']:.2f}" for name in ("noise", "roughness")]
        print("|", " | ".join([Path(one["weights"]).stem, *cells]), measures["noise"]["counts"])


def maps(scenes: Path, out: Path) -> None:
    image = scenes / "images" / SCENE
    for layer in ("relu1", "relu5"):
        result = command("activations", scenes, out, "--layers", layer, "--image", str(image))
        units = result["layers"][layer]["units"].values()
        print(layer, "sparsity", sum(unit["sparsity"] for unit in units) / len(units))
    keep(Image.open(out / "relu1.png"), "maps")
    result = command("activations", scenes, out, "--layers", "relu5", "--images", str(image))
    best = max(result["layers"]["relu5"]["units"].items(), key=lambda item: item[1]["peak"])[0]
    command("activations", scenes, out, "--layers", "relu5", "--images", str(image),
            "--units", best)  # fmt: skip
    keep(in_a_row(Image.open(image), Image.open(out / "relu5" / f"{best}-over.png")), "map")
    print("the strongest unit of relu5 there:", best)


def top_images(scenes: Path, out: Path) -> None:
    result = command("concepts", scenes, out, "--layers", "relu5", "--best", "10")
    layer = result["layers"]["relu5"]
    keep(Image.open(out / "relu5.png"), "units")
    for number in layer["best"]:
        unit = layer["units"][str(number)]
        print(f"| {number} | {unit['concept']} | {unit['level']} | {unit['iou']:.3f} "
              f"| {unit['iou_chosen']:.3f} |")  # fmt: skip


def occlusion(scenes: Path, out: Path) -> None:
    image = scenes / "images" / SCENE
    result = command("occlusion", scenes, out, "--images", str(image), "--occluder", "24",
                   "--stride", "4")  # fmt: skip
    keep(in_a_row(Image.open(image), Image.open(result["picture"])), "occlusion")
    lowest = min(min(line) for line in result["grid"])
    print("occlusion:", result["class"], result["probability"], "lowest", lowest)


def minimal(scenes: Path, out: Path) -> None:
    image = scenes / "images" / SCENE
    result = command("minimal-image", scenes, out, "--images", str(image))
    paths = (image, result["picture"], result["random"]["picture"])
    keep(in_a_row(*map(Image.open, paths)), "minimal")
    print("minimal:", {key: result[key] for key in ("class", "probability", "kept_share",
          "flipped_at", "segment_count")}, "random", result["random"]["held_share"])  # fmt: skip


def pairs(scenes: Path, out: Path) -> None:
    command("minimal-image", scenes, out, "--right", "6", "--count", "30", "--exchanges", "200",
            "--draws", "1")  # fmt: skip
    keep(Image.open(out / "minimal-images.png"), "pairs")


def fields(scenes: Path, out: Path) -> None:
    layers, units = [f"relu{n}" for n in range(1, 6)], [str(unit) for unit in range(8)]
    result = command("receptive-field", scenes, out, "--layers", *layers, "--units", *units,
                   "--top-images", "5", "--stride", "4", "--fill", "random")  # fmt: skip
    keep(Image.open(out / "relu3.png"), "fields")
    for layer, sizes in result["layers"].items():
        empirical = sizes["empirical"]
        cells = [layer, sizes["theoretical"]["size"]]
        cells += [f"{empirical[name]:.1f}" for name in ("mean", "std")]
        cells += [empirical[name] for name in ("unit_count", "cut_count")]
        print("|", " | ".join(map(str, cells)), "|")


def two_fields(scenes: Path, out: Path) -> None:
    command("receptive-field", scenes, out, "--layers", "relu2", "relu3", "relu4", "relu5",
            "--units", "0", "1", "2", "--top-images", "5", "--stride", "8",
            "--beside", OTHER)  # fmt: skip
    keep(Image.open(out / "fields.png"), "two-fields")


def two_networks(scenes: Path, out: Path) -> None:
    result = command("compare", scenes, out, "--network", OTHER, "--layers", "relu1", "relu3",
                   "relu5")  # fmt: skip
    keep(Image.open(out / "compare.png"), "compare")
    for pair in result["layers"]:
        print(f"| {pair['layers'][0]} | {pair['overlap']['jaccard']:.2f} "
              f"| {pair['overlap']['chance']:.2f} |")  # fmt: skip


def scene(scenes: Path, out: Path) -> None:
    """The picture of docs/slides.md: a scene segmented by its units, beside its masks."""
    layer = command("concepts", scenes, out, "--layers", "relu5", "--best", "40")["layers"]["relu5"]
    units = {str(number): layer["units"][str(number)] for number in layer["best"]}
    named = {unit: {"concept": of["concept"], "precision": of["iou"]} for unit, of in units.items()}
    file = out / "named.json"
    file.write_text(json.dumps({"layers": {"relu5": named}}))
    image = scenes / "images" / SCENE
    result = command("scenes", scenes, out, "--named", str(file), "--images", str(image),
                     "--over", str(scenes / "images"))  # fmt: skip
    (one,) = result["images"]
    own, truth = (Image.open(one[name]) for name in ("picture", "truth_picture"))
    both = Image.new("RGB", (own.width + 8 + truth.width, own.height), "white")
    both.paste(own, (0, 0))
    both.paste(truth, (own.width + 8, 0))
    keep(both, "scene")


def in_a_row(*pictures: Image.Image) -> Image.Image:
    """Pictures side by side; transparent pixels become gray."""
    row = Image.new("RGB", ((SIDE + 8) * len(pictures) - 8, SIDE), "white")
    for place, picture in enumerate(pictures):
        tile = picture.convert("RGBA").resize((SIDE, SIDE), Image.Resampling.NEAREST)
        ground = Image.new("RGBA", tile.size, (128, 128, 128, 255))
        row.paste(Image.alpha_composite(ground, tile).convert("RGB"), (place * (SIDE + 8), 0))
    return row


def two_by_two(*sheets: Image.Image) -> Image.Image:
    """Four sheets of one size: the first two above the others."""
    width, height = (length + 16 for length in sheets[0].size)
    both = Image.new("RGB", (2 * width - 16, 2 * height - 16), "white")
    for place, sheet in enumerate(sheets):
        both.paste(sheet, (place % 2 * width, place // 2 * height))
    return both


def keep(picture: Image.Image, name: str) -> None:
    """Write a picture small: at most MAX_WIDTH px wide, in 128 colors."""
    picture = picture.convert("RGB")
    picture.thumbnail((MAX_WIDTH, 2 * MAX_WIDTH))
    picture.quantize(128).save(FOLDER / f"recap-{name}.png", optimize=True)


if __name__ == "__main__":
    main()
