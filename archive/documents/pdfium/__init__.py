"""PDF through pypdfium2 → page layouts (``layout``). Nothing else knows the library.

``library``     opening, reasons for not opening;  ``substitute``  no font of the machine is used while reading
``bulk``        one function asked about thousands of handles, quickly
``leaves``      a page → ``PageLayout``: what can be seen
``sight``       which text is not seen, or not surely as told: ``clips``, ``marks``; then the page is ``rendered``
``characters``  the text of a page → glyphs;  ``drawing``  its objects → strokes, fills, images, what is not painted;
                ``doubled``  text that is printed twice
``fields``      values of form fields and typed notes;  ``embedded``  files within the file
``images``      pages and parts of pages drawn as PNG for recognition;  ``costly``  where that is too much
``unseen``      images of a page that cannot be decoded;  ``beneath``  what is written in them below the text
``streams``     what a file unpacks to without bound, and ``tamed`` what it draws so, emptied before it is opened
``whole``       whether packed streams unpack to their end;  ``printable``  those in ASCII85 and ASCIIHex
``metadata``    what it says of itself
``replaced``    characters given in place of what is drawn;  ``downwards``  text set from top to bottom
"""
