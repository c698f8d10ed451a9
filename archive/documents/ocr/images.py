"""Image files → pixels. Sizes are checked by the header before anything is decoded."""

from __future__ import annotations

import io
import math
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import numpy as np
from PIL import Image, ImageFile, ImageOps

from archive.documents.jpeg import is_short

if TYPE_CHECKING:
    from numpy.typing import NDArray

_FRAMED = frozenset({"TIFF", "GIF", "WEBP", "PNG"})  # formats that may hold several frames
FORMATS = ("PNG", "JPEG", "TIFF", "BMP", "GIF", "WEBP")
MIN_SIDE = 200  # pixels; less is an icon, a rule or a button
_STRIP = 500, 50  # pixels of the longer side and the shorter: a table of a few rows is no lower
_LONGEST = 2_600  # pixels of the longer side of an upright page that are worked on: 220 dpi on A4
_BROADEST = 3_600  # the same of a broad page: two pages side by side, or a wide table
# bytes that decoding takes for each pixel, a copy in another mode counted too; for each pixel of the bound
_BANDS, _ROOM = {"1": 2, "L": 1, "P": 5, "RGB": 4}, 7
_UNLIT = 100  # of 255: no paper is darker
_INK, _INKED = 0.6, 0.01  # of the paper's light: ink is darker; share of a picture that is ink where something shows
_UNPACKED = 32_000_000  # bytes of a frame that is handed on as it is
_LARGEST = 10_000_000  # pixels in all
_TOO_LARGE = "picture_too_large"  # the words for it say what to do
_SCANS = 1 << 30  # pixels that the scans of a progressive JPEG may go over: it usually has ten, each over all pixels


class ImageError(ValueError):
    """An image that is not read; ``reason``: ``damaged``, ``too_large`` or ``too_small``."""

    def __init__(self, reason: str, words: str = "") -> None:
        super().__init__(words or reason)
        self.reason = reason


def error_code(error: Exception) -> str:
    """Why a library did not read an image, by a code that has words: what it says itself is no language."""
    return "memory" if isinstance(error, MemoryError) else "damaged"


@dataclass(frozen=True, slots=True)
class Pixels:
    """A decoded image: grey (h, w) or RGB (h, w, 3), 8 bits. ``scale``: pixels here per pixel of the file.

    ``torn``: the file ends before its image, or is damaged within; what can be seen of it is here.
    """

    data: NDArray[np.uint8]
    scale: float
    torn: bool = False


@contextmanager
def open_image(data: bytes, pixels: int) -> Iterator[Image.Image]:
    """The image, its header read, nothing decoded. Raises ImageError."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            image = Image.open(io.BytesIO(data), formats=FORMATS)
        except Image.DecompressionBombError as error:
            raise ImageError("too_large", _TOO_LARGE) from error
        except Exception as error:
            raise ImageError("damaged", error_code(error)) from error
        with image:
            check_size(image, pixels)
            _check_scans(data, image)
            yield image


def _check_scans(data: bytes, image: Image.Image) -> None:
    """Raise ImageError if a JPEG goes over its pixels so often that decoding it would take minutes."""
    if image.format != "JPEG":
        return
    scans = data.count(b"\xff\xda")
    if scans > 20 and scans * image.width * image.height > _SCANS:
        raise ImageError("too_large", f"{scans} scans of {image.width} × {image.height}")


def check_size(image: Image.Image, pixels: int) -> None:
    """Raise ImageError if the frame is too large to decode or too small to hold anything."""
    width, height = image.size
    bound = pixels if image.mode not in _BANDS else _ROOM * pixels // _BANDS[image.mode]
    if width * height > max(pixels, bound) or max(width, height) > 60_000:
        raise ImageError("too_large", _TOO_LARGE)
    if min(width, height) < 1:
        raise ImageError("damaged")


def is_small(data: bytes, pixels: int) -> bool:
    """Whether the image is an icon, a rule or a button. Raises ImageError."""
    with open_image(data, pixels) as image:
        return _is_small(image)


def _is_small(image: Image.Image) -> bool:
    low, long = sorted(image.size)
    return long < MIN_SIDE or low < (MIN_SIDE / 2 if long < _STRIP[0] else _STRIP[1])


def count_frames(data: bytes, limit: int, pixels: int) -> int:
    """Frames of an image, at most ``limit`` + 1: pages of a TIFF, or put one behind the other. Raises ImageError."""
    with open_image(data, pixels) as image:
        if image.format not in _FRAMED:
            return 1
        count = 1
        try:
            while count <= limit:
                image.seek(count)
                count += 1
        except EOFError:
            pass
        except Exception as error:
            if count == 1 and image.format == "TIFF":
                raise ImageError("damaged", error_code(error)) from error
        return count


def frame(data: bytes, index: int, pixels: int) -> bytes:
    """One frame of an image as a file of its own. Raises ImageError."""
    with open_image(data, pixels) as image:
        try:
            image.seek(index)
            check_size(image, pixels)
            out = io.BytesIO()
            one = image if image.mode in ("1", "L", "RGB", "P", "RGBA", "LA", "I;16") else image.convert("RGB")
            # it is read at once, so packing it would be wasted, unless it is very large
            if one.width * one.height * len(one.getbands()) <= _UNPACKED:
                one.save(out, "TIFF", compression="raw")
            else:
                one.save(out, "PNG", compress_level=1)
        except ImageError:
            raise
        except Exception as error:
            raise ImageError("damaged", error_code(error)) from error
        return out.getvalue()


def decode(data: bytes, pixels: int) -> Pixels:
    """The pixels, upright as the file says (EXIF), on white, no larger than is worth working on. Raises ImageError.

    Of a file that is cut those it has, as browsers show it.
    """
    try:
        found = _decoded(data, pixels)
        if _is_short(data, pixels):
            raise ImageError("damaged")
        return found
    except ImageError as error:
        if error.reason != "damaged":
            raise
        left = _undamaged_part(data, pixels)
        if left is None:
            raise
        return left


def _is_short(data: bytes, pixels: int) -> bool:
    """Whether an image is a JPEG with far less in it than its size tells."""
    with open_image(data, pixels) as image:
        return image.format == "JPEG" and is_short(data, image.width * image.height)


def is_inked(pixels: Pixels) -> bool:
    """Whether a picture shows anything: it is no even, light paper, and no few specks on it."""
    sample = pixels.data[::4, ::4] if pixels.data.ndim == 2 else pixels.data[::4, ::4].min(axis=2)
    paper = float(np.percentile(sample, 90))
    return paper < _UNLIT or float((sample < _INK * paper).mean()) >= _INKED


def _undamaged_part(data: bytes, pixels: int) -> Pixels | None:
    """What is left of an image that is cut or damaged; None if that is nothing.

    Where pixels are missing the library leaves one colour: as much of the lower end is taken away.
    """
    before = ImageFile.LOAD_TRUNCATED_IMAGES
    ImageFile.LOAD_TRUNCATED_IMAGES = True
    try:
        found = _decoded(data, pixels)
    except ImageError:
        return None
    finally:
        ImageFile.LOAD_TRUNCATED_IMAGES = before
    other = (found.data != found.data[-1, -1]).reshape(len(found.data), -1).any(axis=1)
    rows = int(np.flatnonzero(other)[-1]) + 1 if other.any() else 0
    return Pixels(found.data[:rows], found.scale, torn=True) if rows else None


def _decoded(data: bytes, pixels: int) -> Pixels:
    with open_image(data, pixels) as image:
        if _is_small(image):
            raise ImageError("too_small")
        whole = max(image.size)
        try:
            image.draft("RGB" if image.mode in ("RGB", "YCbCr", "CMYK") else "L", _drafted(image.size))
            shown = ImageOps.exif_transpose(_on_white(image))
        except Exception as error:
            raise ImageError("damaged", error_code(error)) from error
    factor = _shrunk(shown.size)
    if factor < 1:
        size = (max(1, round(shown.width * factor)), max(1, round(shown.height * factor)))
        shown = shown.resize(size, Image.Resampling.BOX, reducing_gap=2.0)
    return Pixels(cast("NDArray[np.uint8]", np.asarray(shown, dtype=np.uint8)), max(shown.size) / whole)


def _shrunk(size: tuple[int, int]) -> float:
    """By how much a picture is made smaller; a whole web page may be longer than a sheet."""
    width, height = size
    longest = _BROADEST if height < 1.2 * width else _LONGEST if height < 2 * width else 12_000
    return min(1.0, longest / max(size), math.sqrt(_LARGEST / (width * height)))


def _drafted(size: tuple[int, int]) -> tuple[int, int]:
    factor = _shrunk(size)
    return max(1, int(size[0] * factor)), max(1, int(size[1] * factor))


def _on_white(image: Image.Image) -> Image.Image:
    """Grey or RGB on white, whatever the mode."""
    if image.mode in ("L", "RGB"):
        image.load()
        return image
    if image.mode.startswith("I") or image.mode == "F":
        deep = np.asarray(image).astype(np.float64)
        top = max(float(deep.max(initial=0.0)), 1.0)
        full = 65_535.0 if top > 255 else 255.0
        done = Image.fromarray(np.clip(deep * (255.0 / full), 0, 255).astype(np.uint8))
        done.info.update({k: v for k, v in image.info.items() if k == "exif"})
        return done
    if image.mode == "1":
        return image.convert("L")
    if "A" in image.mode or "transparency" in image.info:
        layer = image.convert("RGBA")
        ground = Image.new("RGB", layer.size, "white")
        ground.paste(layer, mask=layer.getchannel("A"))
        return ground
    return image.convert("RGB")
