"""Recognition of pages that are images: pixels → lines of print and rulings, then the same ruling reader as for PDF.

``recognition``        the pictures of a document → its blocks and findings
``images``             bytes → pixels, bounded by the header before anything is decoded
``page_recognition``   one picture → its pages: all of what follows, in order
``seals``              red and grey seals, lifted from what they cover;  ``dark_seals``  those as dark as print
``paper``              uneven light, shadows, grey paper and grey made of dots, evened out
``straightening``      skew, perspective, quarter turns; the way back from the page to the picture
``page_split``         pages side by side in one picture
``confidence``         from which confidence on a text is believed; what locators say of it
``engine``             the models behind two functions: where text stands (``TextBox``), what it reads (``OcrResult``)
``ruling_strokes``     ink that runs on straight;  ``rulings``  which of it is ruled, and which belongs to letters
``crossed_rulings``    rulings hidden by strokes across them
``letter_columns``     letters above each other in tight rows, told from rulings
``components``         connected ink with its measures
``page_ink``           the ink without rulings, which of it is print; cells and lines as values (``Ink``, ``TextLine``)
``printed_lines``      what is printed inside each cell and outside of tables, line by line
``line_reading``       what each line reads: figures twice
``figures``            figures compared with each other, glyph by glyph: a check that costs next to nothing
``cell_marks``         dashes and slashes told from figures, and figures struck through
``figure_habits``      how a page sets its figures
``figure_places``      cells under strokes of a seal or a pen: which ink is the figure's
``small_dashes``       dashes too small or too thin for print
``cell_ink``           ink of a cell that cannot be read: pale print, low rows, what was lifted with a seal
``recognized_blocks``  pages → blocks with ``confidence`` and ``also`` in their locators
``text_attestation``   the text of a document against its look

What is not understood ends in a doubt on the cell, never in a blank. Heavy libraries (numpy, cv2, onnxruntime) are
imported here and nowhere else in this room: import it only when needed.
"""
