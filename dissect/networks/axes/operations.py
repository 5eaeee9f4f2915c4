"""What torch's operations do to the meaning of axes: one rule for each kind of operation.

A rule computes the axes of the results from those of the arguments. The results of an operation
without a rule have unknown axes.
"""

from collections.abc import Callable, Sequence

from torch import Tensor

from dissect.networks.axes.factors import (
    CHANNEL,
    COLUMN,
    IMAGE,
    MIXED,
    ROW,
    TOKEN,
    UNKNOWN,
    Axes,
    Axis,
    combined,
    kinds_of,
    mixed,
    reshaped,
    resized,
    rolled,
    size_of,
    sliced,
    unknown,
    whole,
    with_others,
)
from dissect.networks.axes.traced_operation import Operation, tensors_of

Rule = Callable[[Operation], "Axes | list[Axes]"]


def keep(op: Operation) -> Axes:
    return op.source


def broadcast(op: Operation) -> Axes:
    """Elementwise operations of several tensors, whose axes are aligned from the last one."""
    result: list[Axis] = [()] * len(op.shape)
    for axes in map(op.axes, tensors_of((op.args, op.kwargs))):
        for place, axis in enumerate(reversed(axes or ()), start=1):
            result[-place] = combined(result[-place], axis)
    return tuple(result)


def reshape(op: Operation) -> Axes:
    return reshaped(op.source, op.shape)


def squeeze(op: Operation) -> Axes:
    """The axes after squeeze or unsqueeze: those of size 1 are removed or added."""
    axes, dims = list(op.source), op.arg(1, "dim", [])
    if op.name == "unsqueeze":
        axes.insert(dims % len(op.shape), ())
        return tuple(axes)
    chosen = [dims] if isinstance(dims, int) else list(dims) or range(len(axes))
    gone = {dim % len(axes) for dim in chosen if size_of(axes[dim]) == 1}
    return tuple(axis for place, axis in enumerate(axes) if place not in gone)


def permute(op: Operation) -> Axes:
    return tuple(op.source[axis] for axis in op.args[1])


def transpose(op: Operation) -> Axes:
    axes = list(op.source)
    first, second = (op.args[1], op.args[2]) if op.name == "transpose" else (0, -1)
    if len(axes) > 1:
        axes[first], axes[second] = axes[second], axes[first]
    return tuple(axes)


def resize(op: Operation) -> Axes:
    """Pooling, padding and upsampling: some axes get another number of cells."""
    kinds = (UNKNOWN, UNKNOWN, ROW, COLUMN) if len(op.shape) == 4 else (UNKNOWN,) * len(op.shape)
    if len(op.source) != len(op.shape):
        return unknown(op.shape)
    return tuple(map(resized, op.source, op.shape, kinds))


def stretch(op: Operation) -> Axes:
    """The axes after expand or repeat: the cell of an axis of size 1 is copied."""
    added = len(op.shape) - len(op.source)
    sides = map(resized, op.source, op.shape[added:])
    return (*unknown(op.shape[:added]), *sides)


def convolution(op: Operation) -> Axes:
    """Convolutions of (images, channels, ...): they sum over axis 1 and slide along the others.

    A two-dimensional convolution slides along rows and columns, so axes that were unknown before it
    are known afterwards.
    """
    image, channel, *sides = op.source
    if len(sides) == 2 and kinds_of(channel) <= {UNKNOWN, CHANNEL}:
        for place, (side, kind) in enumerate(zip(sides, (ROW, COLUMN), strict=True)):
            if kinds_of(side) <= {UNKNOWN}:
                sides[place], channel = whole(kind, op.shape[2 + place]), ()
    return (image, mixed(channel, op.shape[1]), *map(resized, sides, op.shape[2:]))


def reorder_channels(op: Operation) -> Axes:
    """The axes after a pixel shuffle: channels become cells, or cells become channels."""
    image, _, rows, columns = op.source
    sides = map(resized, (rows, columns), op.shape[2:])
    return (image, whole(CHANNEL, op.shape[1]), *sides)


def patches(op: Operation) -> Axes:
    """The operation im2col: its axes are (images, channels x window, windows row by row)."""
    image, channel, *sides = op.source
    size, dilation, padding, stride = op.args[1:5]
    counts = [
        (size_of(side) + 2 * p - d * (k - 1) - 1) // s + 1
        for side, k, d, p, s in zip(sides, size, dilation, padding, stride, strict=True)
    ]
    rows, columns = map(resized, sides, counts)
    return (image, mixed(channel, op.shape[1]), (*rows, *columns))


def product(op: Operation) -> Axes:
    """Matrix products: the last axis of the first and the last but one of the second are summed."""
    a, b = [value for value in op.args if isinstance(value, Tensor)][-2:]
    if op.name in ("addmm", "baddbmm", "_addmm_activation"):
        a, b = op.args[1:3]
    left, right = op.axes(a), op.axes(b)
    if left is not None and right is not None:
        return (*left[:-1], right[-1])
    if left is not None:
        return (*left[:-1], mixed(left[-1], op.shape[-1]))
    if right is None:  # only what is added comes from the image
        return op.source if len(op.source) == len(op.shape) else unknown(op.shape)
    return (*right[:-2], mixed(right[-2], op.shape[-2]), right[-1])


def attention(op: Operation) -> Axes:
    """The axes after scaled dot products: those of the queries, with the values' features."""
    query, value = op.axes(op.args[0]), op.axes(op.args[2])
    if query is None or value is None:
        return unknown(op.shape)
    return (*query[:-1], value[-1])


def attention_layer(op: Operation) -> Axes:
    """The rule for axes of torch's fused attention and encoder layers: a linear layer ends them."""
    *others, features = op.source
    return (*others, mixed(features, op.shape[-1]))


def reduce(op: Operation) -> Axes:
    dims = op.arg(1, "dim")
    axes = op.source
    chosen = [dims] if isinstance(dims, int) else list(dims or range(len(axes)))
    chosen = [dim % len(axes) for dim in chosen]
    if len(op.shape) == len(axes):
        kept = (1 if place in chosen else size_of(axis) for place, axis in enumerate(axes))
        return tuple(map(resized, axes, kept))
    return tuple(axis for place, axis in enumerate(axes) if place not in chosen)


def pick(op: Operation) -> "Axes | list[Axes]":
    """The operations select and unbind: one axis is removed."""
    dim = op.arg(1, "dim", 0) % len(op.source)
    rest = (*op.source[:dim], *op.source[dim + 1 :])
    return [rest for _ in op.results]


def cut(op: Operation) -> list[Axes]:
    """The operations slice, narrow and split: one axis is cut."""
    is_slice = op.name in ("slice", "narrow")
    dim = op.arg(1, "dim", 0) if is_slice else op.arg(2, "dim", 0)
    axes, start, step = op.source, 0, 1
    dim %= len(axes)
    if is_slice:
        start = op.arg(2, "start") or 0
        start = min(start, size_of(axes[dim])) if start >= 0 else start + size_of(axes[dim])
    if op.name == "slice":
        step = op.arg(4, "step", 1)
    parts = []
    for result in op.results:
        size = result.shape[dim]
        parts.append((*axes[:dim], sliced(axes[dim], start, size, step), *axes[dim + 1 :]))
        start += size
    return parts


def concatenate(op: Operation) -> Axes:
    """cat: what joins cells along their axis without being cells are other tokens."""
    tensors = [tensor for tensor in op.args[0] if tensor.numel()]
    dim = op.arg(1, "dim", 0) % len(op.shape)
    tracked = [(t, axes) for t in tensors if (axes := op.axes(t)) is not None]
    result: list[Axis] = [()] * len(op.shape)
    for _, axes in tracked:
        result = [combined(one, other) for one, other in zip(result, axes, strict=True)]
    sides = [axes[dim] for _, axes in tracked]
    maps = [(t, a[dim]) for t, a in tracked if kinds_of(a[dim]) & {ROW, COLUMN, TOKEN, MIXED}]
    if any(CHANNEL in kinds_of(side) for side in sides):
        result[dim] = whole(CHANNEL, op.shape[dim])
    elif len(maps) == 1 and not any(IMAGE in kinds_of(side) for side in sides):
        result[dim] = _joined_tokens(tensors, dim, *maps[0])
    else:
        result[dim] = whole(UNKNOWN, op.shape[dim])
    return tuple(result)


def _joined_tokens(tensors: Sequence[Tensor], dim: int, cells: Tensor, axis: Axis) -> Axis:
    """The axis of tokens that one of some tensors, which holds the cells, makes with the others."""
    size = sum(tensor.shape[dim] for tensor in tensors)
    place = next(number for number, tensor in enumerate(tensors) if tensor is cells)
    before = sum(tensor.shape[dim] for tensor in tensors[:place])
    if len(axis) == 1 and axis[0].kind == TOKEN:
        return with_others(axis[0].cells, before + axis[0].before, size)
    if MIXED in kinds_of(axis):
        return whole(UNKNOWN, size)
    return with_others(axis, before, size)


def stack(op: Operation) -> Axes:
    dim = op.arg(1, "dim", 0) % len(op.shape)
    axes = op.source
    return (*axes[:dim], *unknown([op.shape[dim]]), *axes[dim:])


def roll(op: Operation) -> Axes:
    shifts, dims = op.arg(1, "shifts"), op.arg(2, "dims", [])
    if not dims:
        return unknown(op.shape)
    axes = list(op.source)
    for shift, dim in zip(shifts, dims, strict=True):
        axes[dim] = rolled(axes[dim], shift)
    return tuple(axes)


NAMES: dict[Rule, str] = {
    keep: "native_layer_norm native_group_norm native_batch_norm cudnn_batch_norm dropout "
    "_native_batch_norm_legit _native_batch_norm_legit_no_training miopen_batch_norm "
    "_fused_rms_norm rms_norm native_dropout clone detach alias contiguous _to_copy lift_fresh "
    "_softmax _log_softmax softmax native_channel_shuffle channel_shuffle",
    broadcast: "add sub mul div where masked_fill copy relu gelu silu hardtanh hardswish sigmoid "
    "tanh clamp leaky_relu elu _prelu_kernel mish softplus threshold",
    reshape: "view _unsafe_view reshape _reshape_alias flatten unflatten",
    squeeze: "squeeze unsqueeze",
    permute: "permute",
    transpose: "transpose t numpy_T",
    resize: "avg_pool2d max_pool2d_with_indices max_pool2d adaptive_avg_pool2d avg_pool1d "
    "_adaptive_avg_pool2d adaptive_max_pool2d adaptive_avg_pool1d avg_pool3d _adaptive_avg_pool3d "
    "max_pool3d_with_indices upsample_nearest2d upsample_bilinear2d upsample_bicubic2d "
    "_upsample_bilinear2d_aa _upsample_bicubic2d_aa _upsample_nearest_exact2d constant_pad_nd "
    "reflection_pad2d replication_pad2d reflection_pad1d replication_pad1d",
    stretch: "expand repeat",
    convolution: "convolution _convolution mkldnn_convolution cudnn_convolution conv2d conv1d",
    reorder_channels: "pixel_shuffle pixel_unshuffle",
    patches: "im2col",
    product: "mm addmm bmm baddbmm _addmm_activation",
    attention: "_scaled_dot_product_flash_attention_for_cpu _scaled_dot_product_flash_attention "
    "_scaled_dot_product_efficient_attention _scaled_dot_product_cudnn_attention "
    "_scaled_dot_product_fused_attention_overrideable",
    attention_layer: "_native_multi_head_attention _transformer_encoder_layer_fwd",
    reduce: "mean sum amax amin max min var std var_mean linalg_vector_norm norm logsumexp "
    "argmax argmin",
    pick: "select unbind",
    cut: "slice narrow split split_with_sizes",
    concatenate: "cat",
    stack: "stack",
    roll: "roll",
}
RULES: dict[str, Rule] = {name: rule for rule, names in NAMES.items() for name in names.split()}
