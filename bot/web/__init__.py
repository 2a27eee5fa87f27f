"""HTTP and the web page.

    app          the application: ``create_app(service, routers, background)``
    routes       one function for each endpoint of the contract
    schemas      shapes of requests and answers, described for /docs
    guard        limits and headers around every request
    problems     errors as RFC 9457 problems
    pages        the chat page and the report page: templates/ filled in
    static/      style sheet, icon, and the page's program as ES modules (js/)

``serving`` imports ``app``; no other face imports anything from here.
"""
