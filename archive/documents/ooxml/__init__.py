"""WordprocessingML as .docx, flat OPC and Word 2003 XML have it (ECMA-376 part 1, 17).

* ``body``       the blocks of a document part in one walk, and what is drawn or embedded where
* ``tables``     rows and merged cells → a grid
* ``numbering``  the numbers Word writes before paragraphs, and the headings that styles make
* ``relations``  what a part refers to: images, embedded documents
"""
