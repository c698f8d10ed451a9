"""Recognition of pages that are images: pixels → glyphs and strokes, then the same ruling reader as for PDF.

``images``    bytes → pixels, bounded by the header before anything is decoded
``paper``     uneven light, grey paper, faint print and red seals evened out;  ``streaked``  and streaks of dust
``inverted``  light print on dark ground turned round, of whole pictures too
``straight``  skew and perspective; the way back from the straightened page to the picture
``components``  connected ink with its measures
``dithered``  grey made of dots: the specks taken away
``ruling_detection``  rulings in pixels → strokes;  ``dotted``  those of dots and dashes drawn through before
``anchored``  which of them are rulings, and which belong to letters;  ``tight``  or to columns of letters
``lone``      those of a low row by itself;  ``lowered``  and what digits higher than their rows make of them
``prolonged``  what letters add to them in line;  ``overhanging``  those left of a row at a page's end
``framed``    the outer lines of double frames
``folded``    or are grey lines of folds;  ``arched``  or pieces of a seal's ring
``engine``    the recognition models behind two functions: where text stands, what it says
``ink``       what is printed inside each cell, line by line;  ``loose``  and in tables without rulings, unseen as text
``faded``     pale print among dark: darkened
``completed`` what one reading of a line left out
``digits``    figures compared with each other, glyph by glyph: a second reading that costs next to nothing
``matched``   and by equal shapes and their holes, where nothing blurred them;  ``stepped``  type not smoothed
``struck``    figures that a stroke runs through;  ``clipped_digits``  or that rulings cut
``stained``   cells under strokes of a seal or a pen: which ink is the figure's
``edged``     edges of coloured rows that pass for dashes
``crossed``   marks that are strokes of a coloured stamp or pen
``imposed``   several pages on one sheet, side by side and below each other;  ``screened``  worksheets on a screen
``page_recognition``  one picture → pages: all of the above in order
``laying``    pages → blocks with ``confidence`` and ``also`` in their locators
``filling``   the pictures of a document → its blocks and findings;  ``attesting``  the text of a page against its look

Heavy libraries (numpy, cv2, onnxruntime) are imported here and nowhere else in this room: import it only when needed.
"""
