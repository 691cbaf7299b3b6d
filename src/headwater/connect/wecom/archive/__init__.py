"""The session archive (会话存档): conversations that both sides agreed to keep.

WeCom hands them out through a native library only, which is not shipped here and cannot be
simulated over HTTP. So this is an interface, the part of the decryption that is plain RSA, and a
twin that lives in memory. developer.work.weixin.qq.com/document/path/91774
"""

from headwater.connect.wecom.archive.records import (
    ArchiveReader,
    KeptMessage,
    SealedRecord,
    SessionArchive,
)
from headwater.connect.wecom.archive.remembered import RememberedArchive

__all__ = [
    "ArchiveReader",
    "KeptMessage",
    "RememberedArchive",
    "SealedRecord",
    "SessionArchive",
]
