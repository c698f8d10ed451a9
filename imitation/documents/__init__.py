"""Writers of the documents that imitation portals publish: blocks of a report → the bytes of a file.

* ``html``      whole pages, clean or as pasted from a word processor; UTF-8 or GBK
* ``word``      .docx with the merged cells of the form
* ``portable``  PDF with a text layer and ruled tables, over as many pages as it takes
* ``scanned``   pages as a scanner or camera gives them: PDF of images, PNG, JPEG, TIFF …
* ``ofd``       OFD as several producers write it, and OFD whose pages are images
* ``sheets``    .xlsx and .xls, on one sheet or one table a sheet
* ``legacy``    .doc: stored Word 97 files where the content is one of them, else HTML as many offices do; .wps
* ``rich``      RTF, which many offices name .doc
* ``archived``  zip archives of files, and pages saved whole (MHTML)
* ``grid``      rows and widths of a printed table; ``flat`` plain text; ``kinds`` the table of all writers

A *block* is a ``Heading``, a printed table, or a paragraph (str); see ``imitation.wording``.
"""
