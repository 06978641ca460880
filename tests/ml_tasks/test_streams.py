"""Random streams: named, independent, and each person's own."""

import numpy as np
from datacoalition.ml_tasks.streams import Streams, keyed_uniforms, mix


def test_a_stream_is_the_same_whenever_it_is_asked():
    streams = Streams(3)
    first = streams("vote", 1, "x").random(5)
    streams("other").random(100)
    np.testing.assert_array_equal(first, streams("vote", 1, "x").random(5))
    assert not np.array_equal(first, streams("vote", 2, "x").random(5))
    assert not np.array_equal(first, Streams(4)("vote", 1, "x").random(5))


def test_draw_i_belongs_to_person_i():
    few, many = Streams(0).uniforms("turnout", 1, n=10), Streams(0).uniforms("turnout", 1, n=1000)
    np.testing.assert_array_equal(few, many[:10])


def test_draws_are_uniform_and_normal():
    uniform, normal = Streams(0).uniforms("u", n=100_000), Streams(0).normals("n", n=100_000)
    assert uniform.min() >= 0
    assert uniform.max() < 1
    assert abs(uniform.mean() - 0.5) < 0.005
    assert abs(uniform.var() - 1 / 12) < 0.002
    assert abs(normal.mean()) < 0.02
    assert abs(normal.std() - 1) < 0.02
    assert abs(np.corrcoef(uniform[1:], uniform[:-1])[0, 1]) < 0.01


def test_streams_of_other_names_are_unrelated():
    a, b = Streams(0).uniforms("a", n=50_000), Streams(0).uniforms("b", n=50_000)
    assert abs(np.corrcoef(a, b)[0, 1]) < 0.02


def test_mix_is_a_bijection_on_a_sample():
    x = np.arange(100_000, dtype=np.uint64)
    assert len(np.unique(mix(x))) == len(x)


def test_keyed_draws_go_by_the_key():
    keys = np.array([5, 6, 7], dtype=np.uint64)
    np.testing.assert_array_equal(keyed_uniforms(keys, "s")[::-1], keyed_uniforms(keys[::-1].copy(), "s"))
