"""How the tables came to be, one file a step in `versions`.

A new step: change `repaint/store/tables.py`, write the next file, and count HEAD on. A larger number is
newer.
"""

HEAD = "0002"
