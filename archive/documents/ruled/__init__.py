"""Pages of placed characters and drawn lines → blocks: for digital PDF now; OFD and scans give the same two things.

``page``      what a page is here: glyphs and strokes in reading orientation
``pdfium``    pypdfium2 behind one function: bytes → pages;  nothing else knows the library
``rulings``   strokes → grids of merged cells;  ``lines``  glyphs → lines, lines → paragraphs and unruled columns
``layout``    one page → blocks;  ``joining``  tables continued over pages, page numbers, running heads
"""
