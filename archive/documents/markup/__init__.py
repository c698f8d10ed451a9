"""The parts of the HTML reader. Nothing is fetched or followed; the parsed tree is never changed, so CSS paths hold.

``vocabulary``  markup.toml, read once: markers, containers, furniture, labels, download addresses
``scan``        bytes → tree, and the text of every element without blanks, in one pass
``content``     where the main text stands
``blocks``      content → paragraphs and tables;  ``tables``  one table element → Table;  ``paths``  CSS paths
``meta``        meta tags, the 索引号 table, breadcrumb, titles;  ``parts``  attachments, embedded documents, images
``scripts``     a main text that stands in a script string or a textarea
"""
