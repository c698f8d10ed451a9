"""Writers of the documents that imitation portals publish: blocks of a report → the bytes of a file.

* ``html``      whole pages, clean or as pasted from a word processor; UTF-8 or GBK
* ``word``      .docx with the merged cells of the form
* ``portable``  PDF with a text layer and ruled tables, over as many pages as it takes
* ``legacy``    .doc: stored Word 97 files where the content is one of them, else HTML as many offices publish it
* ``grid``      what the writers share: rows and widths of a printed table

A *block* is a ``Heading``, a printed table, or a paragraph (str); see ``crawler.imitation.wording``.
"""
