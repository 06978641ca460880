"""The inner loops of `svd` as machine code, on factors in double and in single precision.

Left to itself LLVM uses half the width of a modern processor here and spends most of its time on leftovers
and on checking whether two rows overlap. So the four operations on rows are written out as LLVM vectors,
which LLVM splits by itself where registers are narrower. Rows are padded with zeros to whole vectors.
"""

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from .compiled import Kernel, compiled
from .svd_order import IDS, PACK, SIZES

LANES64, LANES32 = PACK, 16
"""Numbers in a vector: the length of a row is a multiple of it."""

_DOUBLE, _SINGLE, _INDEX = ir.DoubleType(), ir.FloatType(), ir.IntType(64)
_VECTOR64, _VECTOR32 = ir.VectorType(_DOUBLE, LANES64), ir.VectorType(_SINGLE, LANES32)
_FAST = ("fast",)  # any order of sums, and fused: in single precision only


def _instructions(generator: Kernel) -> Kernel:
    """A function for kernels to call, made of the instructions that `generator` writes."""
    function: Kernel = intrinsic(prefer_literal=True)(generator)
    return function


def _row(context: Any, builder: Any, kind: Any, matrix: Any, row: Any, vector: Any) -> Any:
    """Address of a row of a C-contiguous matrix, as an array of vectors."""
    array = context.make_array(kind)(context, builder, matrix)
    stride = cgutils.unpack_tuple(builder, array.strides)[0]
    start = builder.add(builder.ptrtoint(array.data, _INDEX), builder.mul(row, stride))
    return builder.inttoptr(start, vector.as_pointer())


def _pair(context: Any, builder: Any, signature: Any, args: Any, vector: Any) -> list[Any]:
    """The rows of a user and of an item, where the arguments begin with p, q, user, item."""
    kinds = signature.args
    return [_row(context, builder, kinds[k], args[k], args[k + 2], vector) for k in (0, 1)]


def _load(builder: Any, row: Any, block: Any) -> Any:
    return builder.load(builder.gep(row, [block]), align=4)


def _shuffle(builder: Any, a: Any, b: Any, picks: list[int]) -> Any:
    return builder.shuffle_vector(a, b, ir.Constant(ir.VectorType(ir.IntType(32), len(picks)), picks))


def _lane(builder: Any, vector: Any, number: Any, lane: int) -> Any:
    return builder.insert_element(vector, number, ir.Constant(ir.IntType(32), lane))


def _splat(builder: Any, number: Any, vector: Any) -> Any:
    blank = ir.Constant(vector, ir.Undefined)
    return _shuffle(builder, _lane(builder, blank, number, 0), blank, [0] * vector.count)


def _transpose(builder: Any, rows: list[Any]) -> list[Any]:
    """The columns of a square block, given its rows: swap halves, then quarters, and so on."""
    n, half = len(rows), len(rows) // 2
    while half:
        left = [n + (j ^ half) if j & half else j for j in range(n)]
        right = [n + j if j & half else j ^ half for j in range(n)]
        swapped = list(rows)
        for low in (k for k in range(n) if not k & half):
            pair = rows[low], rows[low | half]
            swapped[low] = _shuffle(builder, *pair, left)
            swapped[low | half] = _shuffle(builder, *pair, right)
        rows, half = swapped, half // 2
    return rows


@_instructions
def _dots64(_: Any, p: Any, q: Any, users: Any, items: Any, blocks: Any, out: Any) -> Any:
    """out[lane] = <p[users[lane]], q[items[lane]]> for a pack, each sum taken from left to right.

    A sum in a fixed order waits for itself at every addition; eight of them side by side wait together.
    """

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        arrays = [context.make_array(k)(context, builder, a) for k, a in zip(signature.args, args, strict=True)
                  if isinstance(k, types.Array)]  # fmt: skip

        def rows(side: int) -> list[Any]:
            ids = arrays[side + 2].data
            lanes = [builder.load(builder.gep(ids, [ir.Constant(_INDEX, lane)])) for lane in range(PACK)]
            index = [builder.sext(lane, _INDEX) for lane in lanes]
            return [_row(context, builder, signature.args[side], args[side], row, _VECTOR64) for row in index]

        pairs = list(zip(rows(0), rows(1), strict=True))
        total = cgutils.alloca_once_value(builder, ir.Constant(_VECTOR64, None))
        with cgutils.for_range(builder, args[4]) as loop:
            loads = [(_load(builder, a, loop.index), _load(builder, b, loop.index)) for a, b in pairs]
            sums = builder.load(total)
            for column in _transpose(builder, [builder.fmul(a, b) for a, b in loads]):
                sums = builder.fadd(sums, column)
            builder.store(sums, total)
        builder.store(builder.load(total), builder.bitcast(arrays[4].data, _VECTOR64.as_pointer()), align=8)
        return context.get_dummy_value()

    return types.void(p, q, users, items, types.int64, out), generate


@_instructions
def _step64(_: Any, p: Any, q: Any, user: Any, item: Any, blocks: Any, err: Any, lr: Any, reg: Any) -> Any:
    """p += lr (err q - reg p), q += lr (err p - reg q) for one row of each, rounding as Surprise does."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        left, right = _pair(context, builder, signature, args, _VECTOR64)
        error, rate, decay = (_splat(builder, number, _VECTOR64) for number in args[5:])

        def moved(own: Any, other: Any) -> Any:
            pull = builder.fsub(builder.fmul(error, other), builder.fmul(decay, own))
            return builder.fadd(own, builder.fmul(rate, pull))

        with cgutils.for_range(builder, args[4]) as loop:
            a, b = _load(builder, left, loop.index), _load(builder, right, loop.index)
            builder.store(moved(a, b), builder.gep(left, [loop.index]), align=8)
            builder.store(moved(b, a), builder.gep(right, [loop.index]), align=8)
        return context.get_dummy_value()

    whole, number = types.int64, types.float64
    return types.void(p, q, whole, whole, whole, number, number, number), generate


def _each_block(blocks: Any, body: Callable[[Any, bool], None]) -> None:
    """Unrolled, so that a row is read once and stays in registers: `blocks` is known when compiling."""
    count = blocks.literal_value
    for block in range(count):
        body(ir.Constant(_INDEX, block), block == count - 1)


@_instructions
def _dot32(_: Any, p: Any, q: Any, user: Any, item: Any, blocks: Any) -> Any:
    """<p[user], q[item]>."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        left, right = _pair(context, builder, signature, args, _VECTOR32)
        total = [ir.Constant(_VECTOR32, None)]

        def add(block: Any, last: bool) -> None:
            product = builder.fmul(_load(builder, left, block), _load(builder, right, block), flags=_FAST)
            total[0] = builder.fadd(total[0], product, flags=_FAST)

        _each_block(blocks, add)
        kind = ir.FunctionType(_SINGLE, [_SINGLE, _VECTOR32])
        reduce = cgutils.get_or_insert_function(builder.module, kind, f"llvm.vector.reduce.fadd.v{LANES32}f32")
        return builder.call(reduce, [ir.Constant(_SINGLE, 0.0), total[0]], fastmath=_FAST)

    return types.float32(p, q, types.int64, types.int64, blocks), generate


@_instructions
def _step32(_: Any, p: Any, q: Any, user: Any, item: Any, blocks: Any, keep: Any, pull: Any) -> Any:
    """p = keep p + pull q, q = keep q + pull p for one row of each, but for the 1 that each row holds."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        left, right = _pair(context, builder, signature, args, _VECTOR32)
        usual = [_splat(builder, number, _VECTOR32) for number in args[5:]]

        def rates(constant_lane: int, last: bool) -> list[Any]:
            stay = (ir.Constant(_SINGLE, 1.0), ir.Constant(_SINGLE, 0.0))
            pairs = zip(usual, stay, strict=True)
            return [_lane(builder, v, x, constant_lane) for v, x in pairs] if last else usual

        def moved(own: Any, other: Any, rates: list[Any]) -> Any:
            kept, pulled = (builder.fmul(a, b, flags=_FAST) for a, b in zip(rates, (own, other), strict=True))
            return builder.fadd(kept, pulled, flags=_FAST)

        def read(block: Any, last: bool) -> None:
            rows.append((_load(builder, left, block), _load(builder, right, block)))

        def update(block: Any, last: bool) -> None:
            a, b = rows[block.constant]
            builder.store(moved(a, b, rates(LANES32 - 1, last)), builder.gep(left, [block]), align=4)
            builder.store(moved(b, a, rates(LANES32 - 2, last)), builder.gep(right, [block]), align=4)

        rows: list[tuple[Any, Any]] = []
        _each_block(blocks, read)  # all of them first: what the dot product read is still in registers
        _each_block(blocks, update)
        return context.get_dummy_value()

    return types.void(p, q, types.int64, types.int64, blocks, types.float32, types.float32), generate


def _readonly(number: Any) -> Any:
    return types.Array(number, 1, "C", readonly=True)


_BIASES, _RATES = types.float64[::1], (types.int64, types.float64, types.float64)
_MATRIX64, _MATRIX32 = types.float64[:, ::1], types.float32[:, ::1]
_DATA64 = (SIZES, IDS, IDS, _readonly(types.float64), types.float64)


@compiled(types.void(*_DATA64, _BIASES, _BIASES, _MATRIX64, _MATRIX64, *_RATES))
def sgd64(size, user, item, rating, mean, bu, bi, p, q, epochs, lr, reg):  # type: ignore[no-untyped-def]
    """`epochs` passes over ratings in packs of `size`, to the bit as Surprise does in double precision.

    `user` and `item` go on for PACK entries after the last rating, because a short pack reads beyond its end.
    """
    blocks = p.shape[1] // LANES64
    dots = np.empty(PACK)
    for _ in range(epochs):
        start = 0
        for pack in range(size.size):
            end = start + size[pack]
            if size[pack] == 1:
                dot = 0.0
                for f in range(p.shape[1]):
                    dot += q[item[start], f] * p[user[start], f]
                dots[0] = dot
            else:
                _dots64(p, q, user[start : start + PACK], item[start : start + PACK], blocks, dots)
            for k in range(start, end):
                u, i = np.int64(user[k]), np.int64(item[k])
                err = rating[k] - (mean + bu[u] + bi[i] + dots[k - start])
                bu[u] += lr * (err - reg * bu[u])
                bi[i] += lr * (err - reg * bi[i])
                _step64(p, q, u, i, blocks, err, lr, reg)
            start = end


@cache
def sgd32(blocks: int) -> Kernel:
    """The same in single precision, compiled for rows of `blocks` vectors; `rating` has its mean taken off.

    The biases are factors too. The last two columns of p hold the user's bias and 1, those of q 1 and the
    item's bias: their products are the biases, and the common step moves them as Surprise moves biases.
    """

    @compiled(types.void(IDS, IDS, _readonly(types.float32), _MATRIX32, _MATRIX32, *_RATES))
    def sgd(user, item, rating, p, q, epochs, lr, reg):  # type: ignore[no-untyped-def]
        keep, rate = np.float32(1 - lr * reg), np.float32(lr)
        for _ in range(epochs):
            for k in range(rating.size):
                u, i = np.int64(user[k]), np.int64(item[k])
                err = rating[k] - _dot32(p, q, u, i, blocks)
                _step32(p, q, u, i, blocks, keep, rate * err)

    return sgd


@compiled([types.float64[::1](IDS, IDS, m, m) for m in (_MATRIX64, _MATRIX32)], fastmath=True)
def products(user, item, p, q):  # type: ignore[no-untyped-def]
    """<p[user], q[item]> for each pair."""
    out = np.empty(user.size)
    for k in range(user.size):
        total = 0.0
        for f in range(p.shape[1]):
            total += np.float64(p[user[k], f]) * q[item[k], f]
        out[k] = total
    return out
