"""Page layouts → blocks: PDF, OFD and recognition give the same ``PageLayout`` of glyphs and rulings.

``page_layout``        a page as glyphs, rulings, filled boxes and images, in reading orientation
``page_blocks``        one page → blocks: tables and paragraphs
``ruled_grids``        rulings → grids of merged cells;  ``gap_rulings``  rulings that only gaps between boxes draw
``text_lines``         glyphs → lines, lines → paragraphs and plain columns
``loose_text``         words and figures by their places where tables have no rulings: the parser, which knows the
                       labels of the form, makes their grids
``page_joining``       tables continued over pages;  ``page_furniture``  page numbers and running heads
``continued_columns``  tables whose columns are continued on further pages
``framed_parts``       text in tables that lay out a page
``overflowing_lines``  lines of text on a ruling, to the cells they are of
``sideways_figures``   figures printed on their side, set upright
``facing_pages``       two pages on one sheet
``struck_text``        characters crossed out;  ``watermarks``  text in another ink over that of the page
``text_quality``       whether text means anything, and which images may hold some
"""
