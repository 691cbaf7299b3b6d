"""Object storage: Tencent's COS, simulated on both of its wires."""

from headwater.sandbox.cos.host import CosHost, plug

__all__ = ["CosHost", "plug"]
