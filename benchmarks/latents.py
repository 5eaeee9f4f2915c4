"""Peak memory of collecting 16,384 latents of a layer as wide as ViT-B's, by number of images.

The layer is the one behind the position embeddings of torchvision's vit_b_16 (197 tokens, 768
wide), with seeded random weights; the encoder is random too, and its latents fire in few cells.
Each pass runs in its own process.
"""

import contextlib
import io
import subprocess
import sys
from dataclasses import replace

from benchmarks.peak import peak_mb
from benchmarks.row import Row, at_most

LATENTS, CHANNELS = 16384, 768
FEW, MANY = 250, 2000
LAYER = "encoder.dropout"


def measure() -> list[Row]:
    few, many = peak(LATENTS, FEW), peak(LATENTS, MANY)
    narrow = peak(LATENTS // 4, FEW)
    print(
        f"{few:.0f} MB for {LATENTS:,} latents over {FEW} images, {many:.0f} MB over {MANY:,}; "
        f"{narrow:.0f} MB for {LATENTS // 4:,} latents over {FEW}",
        file=sys.stderr,
    )
    return [at_most("peak memory, 16,384 latents, 2,000 images / 250 images", many / few, 1.10)]


def peak(latents: int, images: int) -> float:
    """Peak memory of a pass, in megabytes."""
    command = [sys.executable, "-m", "benchmarks.latents", str(latents), str(images)]
    process = subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True)
    return float(process.stdout)


def main(count: int, image_count: int) -> None:
    import torch

    from benchmarks.world import DEVICE, photographs
    from dissect.networks.latents import JumpRelu, Latents
    from dissect.networks.registry import load_network
    from dissect.topk.collect import collect

    with contextlib.redirect_stderr(io.StringIO()):  # hides the note that it is untrained
        network = load_network("torchvision:vit_b_16")
    generator = torch.Generator().manual_seed(0)
    rows = torch.randn(count, CHANNELS, generator=generator) / CHANNELS**0.5
    gate = JumpRelu(torch.full((count,), 3.0))
    latents = Latents(
        LAYER, rows, torch.zeros(count), torch.zeros(CHANNELS), gate, normalise="layer_norm"
    )
    network = replace(network, directions={LAYER: latents})
    layer = collect(
        network, [LAYER], photographs(image_count), top=120, shown=60, device=DEVICE,
        keep_duplicates=True,
    ).layers[0]  # fmt: skip
    fire = layer.activity.firing_share
    print(f"mean firing share {fire.mean():.2f}, dead {layer.activity.dead.mean():.2f}",
          file=sys.stderr)  # fmt: skip
    print(peak_mb())


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
