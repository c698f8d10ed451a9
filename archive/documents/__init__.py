"""Bytes → Document: one module per format, and one model that all of them fill.

``kinds``       which kind bytes are, and which module opens them
``model``       the paragraphs, tables and cells of all kinds
``html``        web pages, with ``page_facts`` (metadata, menus, files) and ``style_visibility`` (what styles hide)
``json_answer`` what an interface answers where a page would be; ``charset`` bytes → text
``docx``        Word, with ``word_styles``; ``doc`` and ``rtf`` become Word XML first; ``packages`` opens zip packages
``sheet``       workbooks, with ``xls_records``
``pdf``, ``ofd``  glyphs and rulings for ``layout/``; ``scan`` images for ``ocr/``
``text``        plain text; ``archive_files`` zip and MHTML
``unreadable_reasons``  why a document could not be read
"""
