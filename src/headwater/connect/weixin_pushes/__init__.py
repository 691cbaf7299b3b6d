"""What pushes of the official account and the mini program tell, and replies that go straight back.

The first look, that they are genuine and which fields they have, is `callbacks` and `pushes`.
"""

from headwater.connect.weixin_pushes.kinds import Push, Unknown
from headwater.connect.weixin_pushes.reading import of_fields, read_push

__all__ = ["Push", "Unknown", "of_fields", "read_push"]
