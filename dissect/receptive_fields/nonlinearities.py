"""Which layers put out what comes after a nonlinearity, as the trace of a forward shows it.

After a ReLU a unit responds to something, or not at all, which is what people can name. A linear
output (a convolution without an activation, a residual sum, the linear bottleneck that ends a block
of MobileNet or EfficientNet; Sandler et al. 2018, arXiv:1801.04381) has no zero: its channels are a
basis that the next layer mixes, and its units are much harder to name.
"""

from collections.abc import Sequence

from dissect.networks.layer_outputs import blank_input
from dissect.networks.layers import LayerInfo
from dissect.networks.registry import Network
from dissect.receptive_fields.incremental.trace import Ref, Step, record_trace, refs_in

LINEAR, UNKNOWN = "", None

NONLINEARITIES = {  # torch's operation to the name of its module
    "relu": "ReLU", "threshold": "ReLU", "hardtanh": "ReLU6", "clamp": "clamp",
    "clamp_min": "ReLU", "leaky_relu": "LeakyReLU", "_prelu_kernel": "PReLU", "elu": "ELU",
    "gelu": "GELU", "silu": "SiLU", "mish": "Mish", "softplus": "Softplus", "sigmoid": "Sigmoid",
    "hardsigmoid": "Hardsigmoid", "hardswish": "Hardswish", "tanh": "Tanh",
    "_softmax": "Softmax",
}  # fmt: skip
# Each value of the output is one of the input, or a mean of some.
KEEPS_VALUES = {
    "view", "_unsafe_view", "reshape", "_reshape_alias", "unsqueeze", "squeeze", "permute",
    "transpose", "t", "cat", "stack", "split", "split_with_sizes", "slice", "narrow", "select",
    "expand", "clone", "contiguous", "alias", "detach", "lift_fresh", "_to_copy", "dropout",
    "max_pool2d_with_indices", "max_pool2d", "adaptive_max_pool2d", "avg_pool2d",
    "_adaptive_avg_pool2d", "adaptive_avg_pool2d", "mean",
}  # fmt: skip


def nonlinearities(network: Network, layers: Sequence[str]) -> dict[str, str | None]:
    """Find the nonlinearity that each layer's output comes after.

    >>> nonlinearities(load_network("torchvision:alexnet"), ["features.3", "features.4"])
    {'features.3': '', 'features.4': 'ReLU'}

    Returns:
        By layer a name such as "ReLU6"; LINEAR where a linear operation came last; UNKNOWN where
        the output cannot be followed. Directions are linear, and latents come after their gate.
    """
    trace = record_trace(network, blank_input(network)[0], layers)
    after = _after_steps(trace.steps)
    of_channels = {
        name: after[trace.layers[name].step] if name in trace.layers else UNKNOWN for name in layers
    }
    return of_channels | {
        name: directions.after for name, directions in network.directions.items() if name in layers
    }


def describe_output(after: str | None) -> str:
    """What comes last before a layer's output: "after ReLU", "linear" or "unknown"."""
    if after is None:
        return "unknown"
    return f"after {after}" if after else "linear"


def _after_steps(steps: Sequence[Step]) -> list[str | None]:
    """For each step of a trace the nonlinearity that its values come after."""
    after: list[str | None] = [LINEAR]
    for step in steps[1:]:
        sources = [after[ref.step] for ref in refs_in((step.args, step.kwargs))]
        after.append(_after_step(step, sources))
    return after


def _after_step(step: Step, sources: Sequence[str | None]) -> str | None:
    if step.op is None or not sources:
        return UNKNOWN  # another operation wrote to its memory
    if step.name in NONLINEARITIES:
        return NONLINEARITIES[step.name]
    if step.name == "mul":  # a gate, as in x * sigmoid(x): one nonlinear factor makes it nonlinear
        return next((source for source in sources if source), sources[0])
    if step.name in KEEPS_VALUES or step.name == "add":
        return sources[0] if all(sources) else _linear_or_unknown(sources)
    return LINEAR


def _linear_or_unknown(sources: Sequence[str | None]) -> str | None:
    return UNKNOWN if UNKNOWN in sources else LINEAR


def suggested_layers(network: Network, infos: Sequence[LayerInfo]) -> set[str]:
    """Which layers come after a nonlinearity and have more than one cell, to ask people about.

    Of modules with the same output the outermost is chosen, and nothing inside a chosen one. A
    plain Sequential is only a container.
    """
    names = [i.name for i in infos if i.map_size != (1, 1) and i.type != "Sequential"]
    trace = record_trace(network, blank_input(network)[0], names)
    after = _after_steps(trace.steps)
    chosen: set[str] = set()
    outputs: set[Ref] = set()
    for name in sorted(names, key=lambda name: name.count(".")):
        ref = trace.layers.get(name)
        inside = any(name.startswith(f"{other}.") for other in chosen)
        if ref and after[ref.step] and ref not in outputs and not inside:
            chosen.add(name)
            outputs.add(ref)
    return chosen
