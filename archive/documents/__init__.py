"""Documents: bytes → Pages, blocks of text and tables in reading order, each with a locator. Pure.

``kinds``      the one table kind → module, limits; ``sniff(data)``; ``read_pages(data)`` never raises
``pages``      what every module gives (the contract)
``charset``    bytes → text: BOM, strict UTF-8, declared, GB18030 · ``mixed_charsets``  pieces in another charset
``grid``       rows of spanned cells → Table, shared by html, docx and doc
``findings``   findings that several modules make · ``runs``  text printed in one way, and what is seen of it ·
               ``contrast``  whether print is seen on its paper · ``note_marks``  marks of notes ·
               ``bounded_cache``  what is worked out once, within bounds ·
               ``lookalike_characters``  ⺠ given for 民, ⸺ for ——
``container``  zip opened within bounds, or what is left of it; ``ole`` compound files
``zipped``     zip and gzip: their files as members · ``packed`` rar, 7z, tar, bz2, xz, which say what to do ·
               ``package_folders``  office packages in a folder of their zip ·
               ``url_path``  names of files in addresses
``unreadable_reasons``  why a document could not be read (unreadable_reasons.toml) · ``words``  its bare words
``html``       HTML, its parts in ``markup/`` (scan, content, blocks, tables, meta, parts, scripts; data in markup.toml)
``mhtml``      a page saved as one file: its HTML with its images in place
``json_response``  JSON that a site's interface answers: the text in one of its strings (json_response.toml)
``office_xml`` XML of office programs, as far as it goes · ``paragraph_tables``  cells and rows told by marks
``docx``       Word 2007+, its parts in ``ooxml/`` · ``wordml``  the same as one XML file, and Word 2003 XML
``doc``        Word 97 and WPS, its parts in ``word97/`` · ``rtf`` ``rtf_syntax``  RTF
``text``       plain text and Markdown · ``pipe_tables``  cells parted by pipes ·
               ``joined_lines``  rows that ran together in a line · ``inner_text``  the text that browsers give ·
               ``ascii_tables``  tables drawn with characters (┌─┬─┐), in any kind
``ofd``        the national fixed-layout format, its parts in ``openfixed/``, its rulings read as those of PDF
``sheet``      workbooks: Excel old and new, Excel 2003 XML; its parts in ``workbook/``
``pdf``        PDF, read through ``pdfium/``; ``layout/`` glyphs and rulings → blocks, shared with OFD and scans
``scan``       images: their headers; ``fill`` recognises the pictures of any document, its parts in ``ocr/``
``jpeg``       whether one can hold the picture that its head announces
"""
