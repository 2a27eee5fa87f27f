"""HTTP and the web page.

    app          the application: ``create_app(service, routers, background, limits)``
    routes       one function for each endpoint of the contract
      report_routes  those that show reports, as they are and as they were
      picture_routes, page_pictures    pictures of recognised pages, and what the report page shows of them
    dependencies what routes are handed, and who is an administrator
    shapes/      shapes of requests and answers, described for /docs
    guard        headers around every answer
    limits/      bytes, seconds and connections that one client may take
    problems     errors as RFC 9457 problems
    pages        templates/ filled in, and the chat page
      report_page    the pages of a report: its text, an earlier text, its absence
      tracing        what became of cited words in a report that was edited
    static/      style sheet, icon, and the page's program as ES modules (js/)

``serving`` imports ``app``; no other face imports anything from here.
"""
