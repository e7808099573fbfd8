"""One run's arrays and manifest, and the shelf they stand on. Knows nothing of models; holds no person."""

from recommender.bundle.disk import Step
from recommender.bundle.ids import PackedTexts, pack_ids
from recommender.bundle.load import Bundle, load_bundle, read_manifest
from recommender.bundle.manifest import ArrayFile, DocumentFile, Manifest
from recommender.bundle.shelf import Shelf, Stamp
from recommender.bundle.write import write_bundle

__all__ = [
    "ArrayFile",
    "Bundle",
    "DocumentFile",
    "Manifest",
    "PackedTexts",
    "Shelf",
    "Stamp",
    "Step",
    "load_bundle",
    "pack_ids",
    "read_manifest",
    "write_bundle",
]
