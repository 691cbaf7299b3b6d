"""Where pictures, codes and posters lie: one port, Tencent's COS and a folder behind it."""

from headwater.connect.object_storage.cos import Cos, CosCredentials
from headwater.connect.object_storage.local_folder import LocalFolder
from headwater.connect.object_storage.port import LARGEST_UPLOAD_BYTES, ObjectStorage, Upload

__all__ = [
    "LARGEST_UPLOAD_BYTES",
    "Cos",
    "CosCredentials",
    "LocalFolder",
    "ObjectStorage",
    "Upload",
]
