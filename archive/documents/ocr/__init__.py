"""Pictures → tables and paragraphs, through the same solver as PDF.

``recognized_images``  fills a document with what its images show
``page_cleaning``      image file → straight grey pages without seals
``ink``                rulings, lines of text and lone marks on a clean page
``text_recognition``   crops of lines → text, through rapidocr
"""
