"""Write the documents that imitation portals publish: from the blocks of a report to the bytes of a file.

* ``html``      whole pages, clean or as pasted from a word processor; UTF-8 or GBK
* ``word``      .docx with the merged cells of the form
* ``portable``  PDF with a text layer and ruled tables, on as many pages as needed
* ``scanned``   pages as from a scanner or camera: PDF of images, PNG, JPEG, TIFF …
* ``ofd``       OFD in the styles of several producers, and OFD whose pages are images
* ``sheets``    .xlsx and .xls, on one sheet or with one table per sheet
* ``legacy``    .doc: stored Word 97 files for two known contents, else HTML as many offices do; .wps
* ``rich``      RTF, which many offices name .doc
* ``archived``  zip archives of files, and pages saved whole (MHTML)
* ``grid``      rows and widths of a printed table; ``flat`` plain text; ``kinds`` the table of all writers

A *block* is a ``Heading``, a printed table, or a paragraph (str); see ``imitation.wording``.
"""
