"""What must hold on a host, each on a host of its own."""

from .backups import Backups
from .bucket import Bucket
from .restores import Restores
from .watched import Doctor, Home

__all__ = ["Backups", "Bucket", "Doctor", "Home", "Restores"]
