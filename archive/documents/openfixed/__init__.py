"""OFD, the national fixed-layout format (GB/T 33190-2016): a zip of XML parts → pages of placed characters and lines.

``package``   the zip: parts by name, however the name is spelled; XML within bounds
``document``  OFD.xml → documents → pages, with their templates, areas and resources
``drawing``   what a page draws: layers, blocks, composites → glyphs, strokes and images of a ``ruled`` page
``glyphs``    a text object → glyphs;  ``paths``  a path object → strokes;  ``space``  numbers and matrices
``sight``     text that may be seen otherwise than told: cut off, in a mirror, faint, by glyphs of another number
``strips``    images that together make up one;  ``opaque``  whether an image hides what lies beneath
``coded_images``  JBIG2 and JPEG 2000 images, which only OFD brings as files of their own
"""
