"""Calls kernels.py with NumPy arrays where there are any, and with plain buffers."""
import array
import sys

import kernels as k


def refused(kind, text, call):
    try:
        call()
    except kind as error:
        assert text in str(error), error
    else:
        raise AssertionError(f"not refused: {text}")


plain = array.array("f", [0, 1, 2])
k.scale(2, plain)
assert plain.tolist() == [0, 2, 4]
assert k.total(array.array("d", [1, 2.5])) == 3.5
assert list(k.squares(4)) == [0, 1, 4, 9] and len(k.squares(0)) == 0
assert k.middle(k.Point(1, 2), k.Point(3, 4)).y == 3
assert k.big(k.Big(1, 2.5, 3, (4, True))) == 10.5
assert k.area(k.Shape(k.Shape.Nothing)) == 0 and k.area(k.Shape(k.Shape.Circle, 2.0)) == 12
assert k.greet("x") == "hello, x" and k.greet("somebody with a long name") == "hello, somebody with a long name"
assert k.bump(3) == 4 and k.flip(False, 4) is True
assert k.fails(2) == 2 and k.maybe(2).value == 2 and not k.maybe(0).some
refused(k.Trap, "index 7 is out of bounds", lambda: k.at(array.array("q", [1, 2, 3]), 7))
refused(k.Error, "too large: 4", lambda: k.fails(4))
refused(TypeError, "must be an array", lambda: k.scale(2, [1, 2]))
refused(TypeError, "of 4 bytes", lambda: k.scale(2, array.array("d", [1])))
refused(OverflowError, "300 does not fit", lambda: k.flip(False, 300))
refused(TypeError, "takes an integer", lambda: k.fails(2.5))

if "--numpy" in sys.argv:
    import numpy as np

    x = np.arange(5, dtype=np.float32)
    k.scale(2, x[1:])
    assert x.tolist() == [0, 2, 4, 6, 8]
    made = k.squares(1000)
    assert isinstance(made, np.ndarray) and made.dtype == np.int32 and made[999] == 999 * 999
    out = np.zeros((4, 3), np.float32)
    k.blur(np.ones((4, 6), np.float32)[:, :3], out)
    assert out.sum() == 6
    assert k.sum3(np.ones((2, 3, 4), np.int32)) == 24 and k.sum3(np.zeros((2, 0, 4), np.int32)) == 0
    refused(TypeError, "rank 1, not 2", lambda: k.scale(2, np.ones((2, 2), np.float32)))
    refused(TypeError, "side by side", lambda: k.blur(np.ones((4, 6), np.float32)[:, ::2], out))
    refused(TypeError, "run forward", lambda: k.blur(np.ones((4, 3), np.float32)[::-1], out))
    x.flags.writeable = False
    refused(TypeError, "can only be read", lambda: k.scale(2, x))
    refused(k.Trap, "overlaps", lambda: k.mix(out[0], out[0]))
print("fine")
