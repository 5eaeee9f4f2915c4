"""Draws the pictures of docs/recap.md: the demo network's own filters, maps and scenes.

    python -m docs.draw_recap

Writes docs/pictures/recap-*.png and prints the numbers that the page quotes. Everything is made
with the commands of `python -m dissect`, on scenes that are rendered first.
"""

import tempfile
from pathlib import Path
from typing import Any

from PIL import Image

from dissect.commands.runner import run_command
from dissect.demo.folder import write_folder

FOLDER = Path(__file__).resolve().parent / "pictures"
PICTURES, SEED = 240, 7
NETWORK, OTHER = "dissect.demo.networks:scene_0", "dissect.demo.networks:object_0"
SCENE = "kitchen/00164.jpg"  # one that the network gets right
WIDEST, SIDE = 900, 224  # px of a picture, of a tile


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        scenes = Path(name) / "scenes"
        write_folder(scenes, PICTURES, SEED)
        for draw in (filters, maps, top_images, occlusion, minimal, fields, two_networks):
            draw(scenes, Path(name) / draw.__name__)


def command(kind: str, scenes: Path, out: Path, *arguments: str) -> dict[str, Any]:
    images = (
        [] if kind == "filters" or "--images" in arguments else ["--images", str(scenes / "images")]
    )
    return run_command(kind, ["--network", NETWORK, *images, "--out", str(out), *arguments])


def filters(scenes: Path, out: Path) -> None:
    said = command("filters", scenes, out, "--layers", "conv1")["layers"]["conv1"]
    keep(Image.open(out / "conv1.png"), "filters")
    print("filters:", said["noise"]["counts"], "random", said["noise"]["random"])


def maps(scenes: Path, out: Path) -> None:
    image = scenes / "images" / SCENE
    for layer in ("relu1", "relu5"):
        said = command("activations", scenes, out, "--layers", layer, "--image", str(image))
        found = said["layers"][layer]["units"].values()
        print(layer, "sparsity", sum(one["sparsity"] for one in found) / len(found))
    keep(Image.open(out / "relu1.png"), "maps")
    said = command("activations", scenes, out, "--layers", "relu5", "--images", str(image))
    best = max(said["layers"]["relu5"]["units"].items(), key=lambda item: item[1]["peak"])[0]
    command("activations", scenes, out, "--layers", "relu5", "--images", str(image),
            "--units", best)  # fmt: skip
    keep(beside(Image.open(image), Image.open(out / "relu5" / f"{best}-over.png")), "map")
    print("the strongest unit of relu5 there:", best)


def top_images(scenes: Path, out: Path) -> None:
    said = command("concepts", scenes, out, "--layers", "relu5", "--best", "10")["layers"]["relu5"]
    keep(Image.open(out / "relu5.png"), "units")
    for unit in said["best"]:
        one = said["units"][str(unit)]
        print(f"| {unit} | {one['concept']} | {one['level']} | {one['iou']:.3f} "
              f"| {one['iou_chosen']:.3f} |")  # fmt: skip


def occlusion(scenes: Path, out: Path) -> None:
    image = scenes / "images" / SCENE
    said = command("occlusion", scenes, out, "--images", str(image), "--occluder", "24",
                   "--stride", "4")  # fmt: skip
    keep(beside(Image.open(image), Image.open(said["picture"])), "occlusion")
    lowest = min(min(line) for line in said["grid"])
    print("occlusion:", said["class"], said["probability"], "lowest", lowest)


def minimal(scenes: Path, out: Path) -> None:
    image = scenes / "images" / SCENE
    said = command("minimal-image", scenes, out, "--images", str(image))
    parts = [Image.open(image), Image.open(said["picture"]), Image.open(said["random"]["picture"])]
    keep(beside(*parts), "minimal")
    print("minimal:", {key: said[key] for key in ("class", "probability", "kept_share",
          "flipped_at", "segment_count")}, "random", said["random"]["held_share"])  # fmt: skip


def fields(scenes: Path, out: Path) -> None:
    layers, units = [f"relu{n}" for n in range(1, 6)], [str(unit) for unit in range(8)]
    said = command("receptive-field", scenes, out, "--layers", *layers, "--units", *units,
                   "--top-images", "5", "--stride", "4")  # fmt: skip
    keep(Image.open(out / "relu3.png"), "fields")
    for layer, one in said["layers"].items():
        found = one["empirical"]
        print(f"| {layer} | {one['theoretical']['size']} | {found['mean']:.1f} "
              f"| {found['std']:.1f} | {found['unit_count']} | {found['cut_count']} |")  # fmt: skip


def two_networks(scenes: Path, out: Path) -> None:
    said = command("compare", scenes, out, "--network", OTHER, "--layers", "relu1", "relu3",
                   "relu5")  # fmt: skip
    keep(Image.open(out / "compare.png"), "compare")
    for pair in said["layers"]:
        print(f"| {pair['layers'][0]} | {pair['overlap']['jaccard']:.2f} "
              f"| {pair['overlap']['chance']:.2f} |")  # fmt: skip


def beside(*pictures: Image.Image) -> Image.Image:
    """Pictures in a row; what is transparent in them is grey."""
    row = Image.new("RGB", ((SIDE + 8) * len(pictures) - 8, SIDE), "white")
    for place, picture in enumerate(pictures):
        tile = picture.convert("RGBA").resize((SIDE, SIDE), Image.Resampling.NEAREST)
        ground = Image.new("RGBA", tile.size, (128, 128, 128, 255))
        row.paste(Image.alpha_composite(ground, tile).convert("RGB"), (place * (SIDE + 8), 0))
    return row


def keep(picture: Image.Image, name: str) -> None:
    """Write a picture small: at most WIDEST px wide, in 128 colours."""
    picture = picture.convert("RGB")
    picture.thumbnail((WIDEST, 2 * WIDEST))
    picture.quantize(128).save(FOLDER / f"recap-{name}.png", optimize=True)


if __name__ == "__main__":
    main()
