package org.keepaliveagent.proxycore;

/** The small HTML page for a status that has no page of its own. */
final class ErrorPage {
  private ErrorPage() {}

  /**
   * Makes it.
   *
   * @param signature who made it
   * @return empty for a status that nginx has no page for
   */
  static String of(int status, String signature) {
    String title = StatusText.title(status);
    if (title.isEmpty()) {
      return "";
    }
    return "<html>\r\n<head><title>%1$s</title></head>\r\n<body>\r\n<center><h1>%1$s</h1></center>\r\n<hr><center>%2$s</center>\r\n</body>\r\n</html>\r\n"
        .formatted(title, signature);
  }
}
