import numpy as np
import pytest
import torch

from dissect.errors import BadSetting
from dissect.topk.quantiles import MAX_PENDING_BYTES, UNITS_AT_ONCE, UpperTail


@pytest.mark.parametrize("pieces", [1, 3, 40])
def test_a_tail_gives_the_quantile_however_it_was_filled(pieces):
    values = torch.randn(3, 8000, generator=torch.Generator().manual_seed(1))
    parts = [UpperTail(3, 0.995, max_cells=8000) for _ in range(pieces)]
    for number, chunk in enumerate(values.chunk(40, dim=1)):
        parts[number % pieces].add(chunk)

    for other in parts[1:]:
        parts[0].merge(other)

    expected = values.sort(dim=1, descending=True).values[:, 40]
    assert torch.equal(torch.from_numpy(parts[0].threshold()), expected)


def test_a_tail_keeps_only_the_values_above_its_quantile():
    tail = UpperTail(2, 0.99, max_cells=100_000)

    for _ in range(20):
        tail.add(torch.rand(2, 5000))

    assert tail.values().shape == (2, tail.capacity)
    assert tail.capacity == 1001


def test_values_of_thousands_of_units_do_not_wait_in_memory():
    units = 2 * UNITS_AT_ONCE + 3
    values = torch.randn(units, 8192, generator=torch.Generator().manual_seed(3))
    tail, largest = UpperTail(units, 0.995, max_cells=8192), 0

    for chunk in values.split(2048, dim=1):
        tail.add(chunk)
        largest = max(largest, sum(part.nbytes for part in tail._pending))

    assert largest <= MAX_PENDING_BYTES
    expected = values.sort(dim=1, descending=True).values[:, 40]
    assert torch.equal(torch.from_numpy(tail.threshold()), expected)


def test_a_tail_restored_from_its_values_goes_on_as_before():
    values = torch.randn(2, 400, generator=torch.Generator().manual_seed(2))
    tail, restored = (UpperTail(2, 0.9, max_cells=400) for _ in range(2))
    tail.add(values[:, :300])

    restored.fill(tail.values(), tail.seen)
    restored.add(values[:, 300:])
    tail.add(values[:, 300:])

    assert np.array_equal(restored.threshold(), tail.threshold())


@pytest.mark.parametrize("quantile", [0.4, 1.0])
def test_a_quantile_without_a_small_tail_is_refused(quantile):
    with pytest.raises(BadSetting, match=f"below 1, got {quantile}"):
        UpperTail(1, quantile, max_cells=10)
