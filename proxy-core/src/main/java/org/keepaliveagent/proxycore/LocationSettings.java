package org.keepaliveagent.proxycore;

import java.util.List;

/**
 * How the requests of a location are answered, whatever answers them.
 *
 * @param interceptsErrors whether an upstream's errors have the error pages too
 * @param serverTokens whether {@code Server} and error pages tell the version
 * @param internal whether only redirections from inside lead here
 * @param maxBodySize of a request, in bytes; 0 for any
 */
record LocationSettings(
    MimeTypes types,
    List<ErrorPageRule> errorPages,
    boolean interceptsErrors,
    List<AddedHeader> headers,
    boolean serverTokens,
    boolean internal,
    long maxBodySize,
    ClientLimits limits,
    List<AccessLog> logs) {

  boolean hasErrorPage(int status) {
    for (ErrorPageRule page : errorPages) {
      if (page.status() == status) {
        return true;
      }
    }
    return false;
  }
}
