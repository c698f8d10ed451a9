"""The content systems (CMS): each is a spider class, and a portal is a subclass with attributes.

* ``classes.py``       makes the classes
* ``signatures.toml``  the marks by which each system is recognised, and patterns of its addresses
                       (:mod:`crawler.signatures` reads it)

Portal files of earlier versions import each class from a module with the system's name; these imports still work.
"""

import sys

from crawler.cms import classes

sys.modules |= {f"{__name__}.{family}": classes for family in classes.FAMILY_CLASSES}
