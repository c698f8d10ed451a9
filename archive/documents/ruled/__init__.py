"""Pages of placed characters and drawn lines → blocks: for PDF, OFD and recognised pages, which give the same two.

``page``       what a page is here: glyphs and strokes in reading orientation;  ``strikes``  characters crossed out
``legible``    whether text means anything, which images may hold some;  ``spread``  two pages on one sheet
``rulings``    strokes → grids of merged cells;  ``lines``  glyphs → lines, lines → paragraphs and plain columns
``positions``  tables without rulings, by where figures stand;  ``labels``  which label is of which of their rows
``layout``     one page → blocks;  ``joining``  tables continued over pages, page numbers, running heads
``overflow``   lines of text on a ruling, to the cells they are of
``overrun``    tables whose columns are continued on further pages;  ``framing``  text in tables that lay out a page
"""
