"""Vector instructions on rows of factors, for `svd_kernel`.

Left to itself LLVM uses half the width of a modern processor here and spends most of its time on leftovers
and on checks whether two rows overlap. So these few operations are written as LLVM vectors: on a processor
with narrower registers LLVM splits them by itself. Rows are padded with zeros to whole vectors.
"""

from collections.abc import Callable
from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

LANES64 = 8
LANES32 = 16
"""Numbers in a vector. A row's length is a multiple of it."""

_FAST = ("fast",)
_INDEX = ir.IntType(64)
_VECTOR64 = ir.VectorType(ir.DoubleType(), LANES64)
_VECTOR32 = ir.VectorType(ir.FloatType(), LANES32)


def _row(context: Any, builder: Any, kind: Any, matrix: Any, row: Any, vector: Any) -> Any:
    """Address of a row of a C-contiguous matrix, as an array of vectors."""
    array = context.make_array(kind)(context, builder, matrix)
    stride = cgutils.unpack_tuple(builder, array.strides)[0]
    start = builder.add(builder.ptrtoint(array.data, _INDEX), builder.mul(row, stride))
    return builder.inttoptr(start, vector.as_pointer())


def _load(builder: Any, row: Any, block: Any) -> Any:
    return builder.load(builder.gep(row, [block]), align=4)


def _splat(builder: Any, number: Any, vector: Any) -> Any:
    blank = ir.Constant(vector, ir.Undefined)
    first = builder.insert_element(blank, number, ir.Constant(ir.IntType(32), 0))
    return builder.shuffle_vector(first, blank, ir.Constant(ir.VectorType(ir.IntType(32), vector.count), None))


def _transpose(builder: Any, rows: list[Any]) -> list[Any]:
    """Columns of a square block of numbers, given its rows: log2(n) rounds of swapping halves."""
    n, half = len(rows), len(rows) // 2
    while half:
        swapped = list(rows)
        for low in (k for k in range(n) if not k & half):
            left = [j if not j & half else n + (j ^ half) for j in range(n)]
            right = [j ^ half if not j & half else n + j for j in range(n)]
            pair = rows[low], rows[low | half]
            swapped[low] = builder.shuffle_vector(*pair, _mask(left))
            swapped[low | half] = builder.shuffle_vector(*pair, _mask(right))
        rows, half = swapped, half // 2
    return rows


def _mask(picks: list[int]) -> Any:
    return ir.Constant(ir.VectorType(ir.IntType(32), len(picks)), picks)


def _each_block(builder: Any, blocks: Any, body: Callable[[Any], None]) -> None:
    with cgutils.for_range(builder, blocks) as loop:
        body(loop.index)


@intrinsic
def dots64(typing: Any, p: Any, q: Any, users: Any, items: Any, blocks: Any, out: Any) -> Any:
    """out[lane] = <p[users[lane]], q[items[lane]]> for LANES64 pairs, each added up from left to right.

    One such sum has to wait for itself at every addition; eight side by side do not.
    """

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        kinds = signature.args
        ids = [context.make_array(kinds[k])(context, builder, args[k]).data for k in (2, 3)]

        def rows(k: int) -> list[Any]:
            lanes = [builder.gep(ids[k], [ir.Constant(_INDEX, lane)]) for lane in range(LANES64)]
            index = [builder.sext(builder.load(lane), _INDEX) for lane in lanes]
            return [_row(context, builder, kinds[k], args[k], row, _VECTOR64) for row in index]

        left, right = rows(0), rows(1)
        total = cgutils.alloca_once_value(builder, ir.Constant(_VECTOR64, None))

        def add(block: Any) -> None:
            pairs = zip(left, right, strict=True)
            products = [builder.fmul(_load(builder, a, block), _load(builder, b, block)) for a, b in pairs]
            sums = builder.load(total)
            for column in _transpose(builder, products):
                sums = builder.fadd(sums, column)
            builder.store(sums, total)

        _each_block(builder, args[4], add)
        array = context.make_array(kinds[5])(context, builder, args[5])
        builder.store(builder.load(total), builder.bitcast(array.data, _VECTOR64.as_pointer()), align=8)
        return context.get_dummy_value()

    return types.void(p, q, users, items, types.int64, out), generate


@intrinsic
def step64(typing: Any, p: Any, q: Any, user: Any, item: Any, blocks: Any, err: Any, lr: Any, reg: Any) -> Any:
    """p += lr (err q - reg p) and q += lr (err p - reg q) on one row of each, rounding as plain C would."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        left, right = (
            _row(context, builder, signature.args[k], args[k], args[k + 2], _VECTOR64) for k in (0, 1)
        )
        error, rate, decay = (_splat(builder, number, _VECTOR64) for number in args[5:])

        def moved(own: Any, other: Any) -> Any:
            pull = builder.fsub(builder.fmul(error, other), builder.fmul(decay, own))
            return builder.fadd(own, builder.fmul(rate, pull))

        def update(block: Any) -> None:
            a, b = _load(builder, left, block), _load(builder, right, block)
            builder.store(moved(a, b), builder.gep(left, [block]), align=8)
            builder.store(moved(b, a), builder.gep(right, [block]), align=8)

        _each_block(builder, args[4], update)
        return context.get_dummy_value()

    number = types.float64
    return types.void(p, q, types.int64, types.int64, types.int64, number, number, number), generate


def _unrolled(blocks: Any, body: Callable[[Any], None]) -> None:
    for block in range(blocks.literal_value):
        body(ir.Constant(_INDEX, block))


@intrinsic(prefer_literal=True)
def dot32(typing: Any, p: Any, q: Any, user: Any, item: Any, blocks: Any) -> Any:
    """<p[user], q[item]>, added up in whatever order is fastest."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        left, right = (
            _row(context, builder, signature.args[k], args[k], args[k + 2], _VECTOR32) for k in (0, 1)
        )
        total = cgutils.alloca_once_value(builder, ir.Constant(_VECTOR32, None))

        def add(block: Any) -> None:
            product = builder.fmul(_load(builder, left, block), _load(builder, right, block), flags=_FAST)
            builder.store(builder.fadd(builder.load(total), product, flags=_FAST), total)

        _unrolled(blocks, add)
        kind = ir.FunctionType(ir.FloatType(), [ir.FloatType(), _VECTOR32])
        name = f"llvm.vector.reduce.fadd.v{LANES32}f32"
        reduce = cgutils.get_or_insert_function(builder.module, kind, name)
        return builder.call(
            reduce, [ir.Constant(ir.FloatType(), 0.0), builder.load(total)], fastmath=_FAST
        )

    return types.float32(p, q, types.int64, types.int64, blocks), generate


@intrinsic(prefer_literal=True)
def step32(typing: Any, p: Any, q: Any, user: Any, item: Any, blocks: Any, keep: Any, pull: Any) -> Any:
    """p = keep p + pull q and q = keep q + pull p on one row of each."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        left, right = (
            _row(context, builder, signature.args[k], args[k], args[k + 2], _VECTOR32) for k in (0, 1)
        )
        def moved(own: Any, other: Any, rates: list[Any]) -> Any:
            kept = builder.fmul(rates[0], own, flags=_FAST)
            return builder.fadd(kept, builder.fmul(rates[1], other, flags=_FAST), flags=_FAST)

        usual = [_splat(builder, number, _VECTOR32) for number in args[5:]]

        def holding(lane: int) -> list[Any]:
            at, still = ir.Constant(ir.IntType(32), lane), (1.0, 0.0)
            number = ir.FloatType()
            return [builder.insert_element(v, ir.Constant(number, x), at) for v, x in zip(usual, still, strict=True)]

        def update(block: Any) -> None:
            last = block.constant == blocks.literal_value - 1
            ours, theirs = (holding(LANES32 - 1), holding(LANES32 - 2)) if last else (usual, usual)
            a, b = _load(builder, left, block), _load(builder, right, block)
            builder.store(moved(a, b, ours), builder.gep(left, [block]), align=4)
            builder.store(moved(b, a, theirs), builder.gep(right, [block]), align=4)

        _unrolled(blocks, update)
        return context.get_dummy_value()

    number = types.float32
    return types.void(p, q, types.int64, types.int64, blocks, number, number), generate
