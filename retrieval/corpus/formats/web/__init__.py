"""The parts of the reader of saved web pages, in the order in which it uses them; no site is known by name.

    page.py     what the page says of itself: meta tags, title, what stands beside the title
    tree.py     where the title stands, and the box that holds the article's sentences
    around.py   menus, other articles, comments and hidden boxes, taken out of the tree
    lines.py    the article's box -> lines, with the help of trafilatura
    edges.py    promotion and legal notices above and below the text
    date.py     the day of publication

``html.py`` beside this folder is the only one that imports them.
"""
