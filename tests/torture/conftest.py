"""The tiny organisation of tests/pipelines, before and after its first night."""

from tests.pipelines.conftest import _first_night, published, tiny

__all__ = ["_first_night", "published", "tiny"]
