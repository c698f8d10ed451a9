"""The parts of the HTML reader. Nothing is fetched or followed; no element is added or moved but those of pages that
frames hold within the page, so CSS paths hold.

``vocabulary``  markup.toml, read once: markers, containers, furniture, labels, download addresses
``scan``        bytes → tree, bounded before it is parsed; what the walk found out about every element
``markdown``    Markdown with tables in HTML, made a page
``inline_frames``      pages within the page (iframe srcdoc) put where their frames stand
``visibility``  what the page does not show;  ``tree_text``  silences that, gives <br> and form fields their text
``cell_styles`` doubts figures with more in their style than harmless.toml lists;  ``colours``  as pages write them
``selectors``   of style sheets: which elements they may mean
``hidden_text``      gives hidden parts back which nothing shown repeats
``blocks``      the one walk: text, places of elements, raw blocks (``flow``);  ``tables``  the rows of a <table>
``content``     where the main text stands;  ``grids``  tables built without <table>
``furniture``    trafilatura's word on lines that may be furniture
``block_locators``     raw blocks → paragraphs and tables with locators;  ``paths``  CSS paths
``meta``        meta tags, the 索引号 table, breadcrumb, titles;  ``dateline``  the day below a title without a label
``parts``       attachments, embedded documents, images
``images``      embedded images as pictures to be recognised
``scripts``     a main text that stands in a script string or a textarea
"""
