"""Images of a page of which nothing is shown: pdfium says nothing of one that it cannot decode, and leaves it out.

A page that is nothing but such an image looks like blank paper, and a table in one is missing without a word.
"""

from __future__ import annotations

import ctypes
import zlib

from pypdfium2 import raw

from archive.documents.jpeg import is_short, picture_in
from archive.documents.pdfium import library
from archive.documents.pdfium.drawing import Image, drawing_of
from archive.documents.pdfium.library import Handle

_LARGE = 0.01  # of the page: smaller ones are logos and seals
_MOST = 200  # images of a page that are looked at: strips of one
_PIXELS = 60_000_000  # of an image that is decoded to look at it
_FILTERS = 8  # of one image, and characters of the name of each
_SLOW, _LATE = "JPXDecode", "JBIG2Decode"  # decoded to tell anything; told to fail only when decoded
_UNEVEN = "LZWDecode"  # of one colour, too, it is no even stream
_SAMPLE = 1 << 20  # bytes of a stream that are looked at
_SAYS, _SHARE = 8_192, 20  # bytes, and which part of it, that a stream comes to, packed, which is not of one colour

_metadata = library.fast("FPDFImageObj_GetImageMetadata", ctypes.c_int, *[ctypes.c_void_p] * 3)
_bitmap = library.fast("FPDFImageObj_GetBitmap", ctypes.c_size_t, ctypes.c_void_p)
_stream = library.fast("FPDFImageObj_GetImageDataRaw", ctypes.c_ulong, *[ctypes.c_void_p] * 2, ctypes.c_ulong)
_filters = library.fast("FPDFImageObj_GetImageFilterCount", ctypes.c_int, ctypes.c_void_p)
_filter = library.fast(
    "FPDFImageObj_GetImageFilter", ctypes.c_ulong, ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p, ctypes.c_ulong
)


def large_images(page: Handle) -> list[Image]:
    """The images on a page that are large enough to hold a part of it."""
    floats = (ctypes.c_float * 4)()
    if not library.bounding_box(page, ctypes.addressof(floats)):
        return []
    least = _LARGE * abs((floats[2] - floats[0]) * (floats[1] - floats[3]))
    held = drawing_of(page).images
    return [image for image in held if (image.box[2] - image.box[0]) * (image.box[3] - image.box[1]) >= least][:_MOST]


def is_lost(image: Handle, page: Handle, *, even: bool) -> bool:
    """Whether an image cannot be decoded. ``even``: where it stands, one colour is shown and nothing else.

    An image of one colour is blank paper, if its bytes are as even.
    """
    filters = _filters_of(image)
    if not even and _SLOW in filters:
        return False
    metadata = raw.FPDF_IMAGEOBJ_METADATA()
    if not _metadata(image, page, ctypes.addressof(metadata)):
        return False
    pixels = metadata.width * metadata.height
    if metadata.bits_per_pixel == 0 or (filters == ["DCTDecode"] and is_short(_bytes_of(image), pixels)):
        return True
    if not even and _LATE not in filters:
        return False
    if pixels > _PIXELS:
        return even
    bitmap = _bitmap(image)
    if not bitmap:
        return True
    try:
        blank = even and _is_of_one_colour(bitmap)
    finally:
        raw.FPDFBitmap_Destroy(ctypes.cast(bitmap, raw.FPDF_BITMAP))
    return blank and _says_something(_bytes_of(image), filters)


def _bytes_of(image: Handle) -> bytes:
    """The bytes of an image as they stand in the file, the first of very many."""
    size = min(_stream(image, 0, 0), _PIXELS)
    held = ctypes.create_string_buffer(size)
    return held.raw if size and _stream(image, ctypes.addressof(held), size) <= size else b""


def _filters_of(image: Handle) -> list[str]:
    names = []
    for number in range(min(_filters(image), _FILTERS)):
        name = ctypes.create_string_buffer(32)
        _filter(image, number, ctypes.addressof(name), len(name))
        names.append(name.value.decode("latin-1"))
    return names


def _is_of_one_colour(bitmap: Handle) -> bool:
    """Row by row, as an image may be large."""
    handle = ctypes.cast(bitmap, raw.FPDF_BITMAP)
    sizes = {raw.FPDFBitmap_Gray: 1, raw.FPDFBitmap_BGR: 3, raw.FPDFBitmap_BGRx: 4, raw.FPDFBitmap_BGRA: 4}
    size = sizes.get(raw.FPDFBitmap_GetFormat(handle), 0)
    columns, rows, stride = (
        ask(handle) for ask in (raw.FPDFBitmap_GetWidth, raw.FPDFBitmap_GetHeight, raw.FPDFBitmap_GetStride)
    )
    start = ctypes.cast(raw.FPDFBitmap_GetBuffer(handle), ctypes.c_void_p).value
    if not (size and columns and rows and start):
        return False
    colour = ctypes.string_at(start, size) * columns
    return all(ctypes.string_at(start + row * stride, size * columns) == colour for row in range(rows))


def _says_something(content: bytes, filters: list[str]) -> bool:
    """Whether the bytes of an image of one colour are those of another: as uneven as a picture's."""
    sample = (picture_in(content) if "DCTDecode" in filters else content)[:_SAMPLE]
    return _UNEVEN not in filters and len(zlib.compress(sample, 1)) > _SAYS + len(sample) // _SHARE
