package org.keepaliveagent.httpurlconnection;

import java.io.IOException;
import org.keepaliveagent.conformance.ClientDriver;
import org.keepaliveagent.conformance.ConformanceRules;
import org.keepaliveagent.conformance.ScriptedUpstream;

class HttpUrlConnectionConformanceTest extends ConformanceRules {
  @Override
  protected ClientDriver newClient(ScriptedUpstream upstream) throws IOException {
    return new HttpUrlConnectionDriver("http", upstream.port());
  }
}
